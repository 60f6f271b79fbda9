// SPDX-License-Identifier: Apache-2.0
#include <sys/types.h>
#include <stdbool.h>
#include <opendkim/dkim.h>
