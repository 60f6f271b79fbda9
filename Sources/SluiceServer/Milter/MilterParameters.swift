// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// The ESMTP parameters of MAIL that concern us (`SIZE=`, RFC 1870; `BODY=`, RFC 6152; `SMTPUTF8`, RFC 6531). The MTA
/// has taken them, so what we don't know is let be.
struct MilterParameters: Sendable {
    private(set) var size: Int?
    private(set) var is8BitMIME = false
    private(set) var isInternationalized = false

    init(_ arguments: some Sequence<ByteBuffer>) {
        for argument in arguments {
            let view = argument.readableBytesView
            if view.count > 5, view.prefix(5).equalsIgnoringCase("SIZE=") {
                size = Int(String(decoding: view.dropFirst(5).prefix(20), as: UTF8.self))
            } else if view.equalsIgnoringCase("BODY=8BITMIME") {
                is8BitMIME = true
            } else if view.equalsIgnoringCase("SMTPUTF8") {
                isInternationalized = true
            }
        }
    }
}
