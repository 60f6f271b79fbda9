// SPDX-License-Identifier: Apache-2.0

/// A file of the history as it was at one moment.
package struct MarkedHistoryFile: Hashable, Sendable {
    /// Its name in the history's folder.
    package var name: String
    /// The octets of it that count.
    package var length: Int64
    /// Whether nothing is written to it any more.
    package var isEnded: Bool

    package init(name: String, length: Int64, isEnded: Bool) {
        self.name = name
        self.length = length
        self.isEnded = isEnded
    }
}
