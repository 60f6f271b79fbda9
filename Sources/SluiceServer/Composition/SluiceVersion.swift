// SPDX-License-Identifier: Apache-2.0

/// Which version of Sluice this is.
package enum SluiceVersion {
    package static let current = "0.1.0"
}
