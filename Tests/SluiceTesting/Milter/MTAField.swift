// SPDX-License-Identifier: Apache-2.0

/// A header field as an MTA holds it: its value is all behind the colon, lines of a folded one end in LF.
package struct MTAField: Equatable, Sendable, CustomStringConvertible {
    package var name: String
    package var value: [UInt8]
    package var origin: Origin
    /// Sendmail keeps a deleted field in its place, where it still counts.
    package var isDeleted = false

    /// Who put it there.
    package enum Origin: Sendable {
        case message
        case milter
        /// The MTA itself, so that no milter was shown it.
        case mta
        /// A place that Sendmail keeps ready for a field of its own.
        case prepared
    }

    package init(name: String, value: [UInt8], origin: Origin) {
        self.name = name
        self.value = value
        self.origin = origin
    }

    /// Whether it is part of the message that the milter was told of, as it stands now.
    package var isShown: Bool { !isDeleted && (origin == .message || origin == .milter) }

    /// The field's octets in a message, with CRLF.
    package var octets: [UInt8] {
        Array(name.utf8) + [0x3A]
            + value.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] } + [0x0D, 0x0A]
    }

    func isNamed(_ other: String) -> Bool { name.lowercased() == other.lowercased() }

    package var description: String { "\(name):\(String(decoding: value, as: UTF8.self))" }
}
