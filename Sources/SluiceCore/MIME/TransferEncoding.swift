// SPDX-License-Identifier: Apache-2.0

/// The content transfer encoding of a part (RFC 2045 §6).
package enum TransferEncoding: Hashable, Sendable {
    case sevenBit
    case eightBit
    case binary
    case base64
    case quotedPrintable
    /// One that is not defined, by its name in lower case; its octets are taken as they are.
    case unknown(String)

    /// - Parameter name: as written, in any case.
    package init(_ name: String) {
        self =
            switch name.asciiLowercased() {
            case "7bit", "7-bit", "": .sevenBit
            case "8bit", "8-bit": .eightBit
            case "binary": .binary
            case "base64": .base64
            case "quoted-printable": .quotedPrintable
            // Cut, since the name of a stranger's making goes into defects.
            case let other: .unknown(String(other.unicodeScalars.prefix(40)))
            }
    }

    package var name: String {
        switch self {
        case .sevenBit: "7bit"
        case .eightBit: "8bit"
        case .binary: "binary"
        case .base64: "base64"
        case .quotedPrintable: "quoted-printable"
        case .unknown(let name): name
        }
    }

    /// Whether the octets are the data, without decoding.
    package var isIdentity: Bool {
        switch self {
        case .sevenBit, .eightBit, .binary, .unknown: true
        case .base64, .quotedPrintable: false
        }
    }
}
