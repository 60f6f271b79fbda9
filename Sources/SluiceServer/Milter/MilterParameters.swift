// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// The ESMTP parameters of MAIL that concern us (`SIZE=`, RFC 1870; `BODY=`, RFC 6152; `SMTPUTF8`, RFC 6531; `RET=` and
/// `ENVID=`, RFC 3461). The MTA has taken them, so what we don't know, or can't read, is let be.
struct MilterParameters: Sendable {
    private(set) var size: Int?
    private(set) var is8BitMIME = false
    private(set) var isInternationalized = false
    private(set) var dsn: DSNParameters?

    init(_ arguments: some Sequence<ByteBuffer>) {
        var dsn = DSNParameters()
        for parameters in Self.read(arguments) {
            if let value = parameters["SIZE"] { size = Int(value) }
            if let value = parameters["BODY"] { is8BitMIME = value.utf8.equalsIgnoringCase("8BITMIME") }
            if parameters.all.contains(where: { $0.keyword == "SMTPUTF8" }) { isInternationalized = true }
            dsn.take(parameters)
        }
        if !dsn.isEmpty { self.dsn = dsn }
    }

    /// NOTIFY and ORCPT of RCPT's parameters.
    static func recipient(_ arguments: some Sequence<ByteBuffer>) -> RecipientDSNParameters {
        var recipient = RecipientDSNParameters()
        for parameters in read(arguments) {
            let read = RecipientDSNParameters(parameters)
            if let notify = read.notify { recipient.notify = notify }
            if let original = read.originalRecipient { recipient.originalRecipient = original }
        }
        return recipient
    }

    /// Each is looked at by itself, so that one that can't be read hides no other.
    private static func read(_ arguments: some Sequence<ByteBuffer>) -> [ESMTPParameters] {
        arguments.compactMap { ESMTPParameters($0.readableBytesView) }
    }
}
