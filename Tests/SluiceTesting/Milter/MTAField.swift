// SPDX-License-Identifier: Apache-2.0

/// A header field as an MTA holds it: its value is all behind the colon, lines of a folded one end in LF.
package struct MTAField: Equatable, Sendable, CustomStringConvertible {
    package var name: String
    package var value: [UInt8]
    /// Whether the MTA put it there itself, so that no milter was shown it.
    package var isOwn = false

    package init(name: String, value: [UInt8], isOwn: Bool = false) {
        self.name = name
        self.value = value
        self.isOwn = isOwn
    }

    /// The field's octets in a message, with CRLF.
    package var octets: [UInt8] {
        Array(name.utf8) + [0x3A]
            + value.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] } + [0x0D, 0x0A]
    }

    func isNamed(_ other: String) -> Bool { name.lowercased() == other.lowercased() }

    package var description: String { "\(name):\(String(decoding: value, as: UTF8.self))" }
}
