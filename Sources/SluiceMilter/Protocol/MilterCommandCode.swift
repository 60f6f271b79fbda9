// SPDX-License-Identifier: Apache-2.0

/// The codes of what an MTA sends: SMFIC_* of `libmilter/mfdef.h`.
package enum MilterCommandCode {
    package static let abort = UInt8(ascii: "A")
    package static let body = UInt8(ascii: "B")
    package static let connect = UInt8(ascii: "C")
    package static let macros = UInt8(ascii: "D")
    package static let endOfMessage = UInt8(ascii: "E")
    package static let helo = UInt8(ascii: "H")
    package static let quitNewConnection = UInt8(ascii: "K")
    package static let header = UInt8(ascii: "L")
    package static let mail = UInt8(ascii: "M")
    package static let endOfHeader = UInt8(ascii: "N")
    package static let negotiate = UInt8(ascii: "O")
    package static let quit = UInt8(ascii: "Q")
    package static let recipient = UInt8(ascii: "R")
    package static let data = UInt8(ascii: "T")
    package static let unknown = UInt8(ascii: "U")

    /// The steps before which macros may be told.
    package static let steps: Set<UInt8> = [
        connect, helo, mail, recipient, data, header, endOfHeader, body, endOfMessage, unknown,
    ]
}
