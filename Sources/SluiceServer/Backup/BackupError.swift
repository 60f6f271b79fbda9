// SPDX-License-Identifier: Apache-2.0

/// Why a backup or a restore was not made; nothing of it counts then.
package struct BackupError: Error, CustomStringConvertible {
    /// An exit code after sysexits.
    package let status: Int
    package let description: String

    init(_ status: Int, _ description: String) {
        self.status = status
        self.description = description
    }
}
