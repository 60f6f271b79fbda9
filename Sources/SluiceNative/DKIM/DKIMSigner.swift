// SPDX-License-Identifier: Apache-2.0
import NIOCore
package import SluiceCore

/// Why a message can't be signed.
package struct DKIMSigningError: Error, Hashable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// Signs messages for one domain with one key (RFC 6376 §5).
///
/// Canonicalization and hashes are ours, the arithmetic is OpenSSL's: libopendkim reads an RSA key anew for every message,
/// and loses some 550 octets, the private key among them, for each Ed25519 signature (docs/decisions/0008-signing.md).
package struct DKIMSigner: Sendable {
    /// The fields that are signed where they are there: RFC 6376 §5.4.1, and those that say how the body is to be read.
    ///
    /// From is signed once more than it is there, so that none can be added (§5.4.2, §8.15).
    package static let signedFields: Set = [
        "from", "reply-to", "subject", "date", "to", "cc", "message-id", "in-reply-to", "references", "sender",
        "mime-version", "content-type", "content-transfer-encoding", "resent-date", "resent-from", "resent-to",
        "resent-cc", "list-id", "list-help", "list-unsubscribe", "list-unsubscribe-post", "list-subscribe", "list-post",
        "list-owner", "list-archive",
    ]

    /// What a signature says of itself.
    struct Parameters: Sendable {
        var domain: String
        var selector: String
        var canonicalization: DKIMCanonicalization
        var key: DKIMSigningKey
    }

    /// Up to so many octets a body is hashed, and the message signed, on the task's own thread: to wake one of the pool,
    /// and then this one again, costs a good part of what RSA-2048 does.
    private static let smallBody = 65536

    private let parameters: Parameters
    private let pool: CPUPool

    package var domain: String { parameters.domain }
    package var selector: String { parameters.selector }

    /// - Throws: ``DKIMSigningError`` where domain or selector can't stand in a signature.
    package init(
        domain: String, selector: String, key: DKIMKey, canonicalization: DKIMCanonicalization = .standard,
        pool: CPUPool
    ) throws(DKIMSigningError) {
        guard let signingKey = DKIMSigningKey(key) else { throw DKIMSigningError("OpenSSL can't read the key") }
        parameters = Parameters(
            domain: domain.asciiLowercased(), selector: selector.asciiLowercased(), canonicalization: canonicalization,
            key: signingKey)
        self.pool = pool
        guard DKIMName.isValid(domain), domain.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw DKIMSigningError("“\(domain)” is not a domain, such as example.org")
        }
        guard DKIMName.isValid(DKIMName.keyName(selector: selector, domain: domain)),
            selector.utf8.allSatisfy({ $0 < 0x80 })
        else { throw DKIMSigningError("“\(selector)” is not a selector, such as s1") }
    }

    /// Signs a message as it will be transmitted.
    ///
    /// - Parameter now: becomes `t=`.
    /// - Returns: the value of the DKIM-Signature field to put on top, folded.
    /// - Throws: ``DKIMSigningError`` where the message can't be signed, ``StorageError`` where its body can't be read,
    ///   ``CPUPoolError`` where there is too much to do.
    package func sign(_ message: Message, now: Timestamp) async throws -> String {
        let fields = try fieldsToSign(message.header)
        let body = message.body
        let work = { @Sendable [parameters] () throws -> String in
            try DirectSigning.sign(fields: fields, body: body, parameters, now: now)
        }
        let isShort = parameters.key.isQuick && body.length <= Self.smallBody
        return isShort ? try work() : try await pool.run(work)
    }

    /// The fields of the message that get signed, from the top.
    private func fieldsToSign(_ header: HeaderSection) throws(DKIMSigningError) -> [HeaderField] {
        let form = parameters.canonicalization.header
        var fields: [HeaderField] = []
        var hasAuthor = false
        var length = 0
        for field in header.fields {
            let name = field.name.asciiLowercased()
            guard Self.signedFields.contains(name) else { continue }
            // Another verifier might see other octets than libopendkim: such a field stays unsigned.
            guard SignedFields.isReadByOpenDKIM(SignedFields.prepared(field, form), form) else {
                guard name != "from" else {
                    throw DKIMSigningError("its From field holds octets that can't be signed")
                }
                continue
            }
            hasAuthor = hasAuthor || name == "from"
            length += name.utf8.count + 1
            fields.append(field)
        }
        guard hasAuthor else { throw DKIMSigningError("it has no From field, which has to be signed") }
        guard length <= OpenDKIM.signedFieldsLimit else {
            throw DKIMSigningError("it has more fields to be signed than h= can name here")
        }
        return fields
    }
}
