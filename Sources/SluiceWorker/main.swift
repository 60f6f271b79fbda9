// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import CClamAV

print(CL_COUNT_PRECISION)
