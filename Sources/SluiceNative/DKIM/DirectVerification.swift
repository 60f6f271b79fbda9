// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Verifies one signature whose tags are in order (RFC 6376 §6.1.3), with a key that was read before.
///
/// Canonicalization is ours, hashes and arithmetic are OpenSSL's. It also takes what is good by RFC 6376 and what
/// libopendkim can't process: a tab before a field's colon, white space between `b` and `=`, an `h=` that names
/// DKIM-Signature or is very long, a bare CR in the body, names beyond ASCII, large keys, another time than the machine's.
enum DirectVerification {
    /// - Parameter place: where the DKIM-Signature field stands in the header section.
    /// - Throws: ``StorageError`` where the body can't be read.
    static func verify(
        _ signature: DKIMSignature, at place: Int, of fields: SignedFields, body: any ContentSource,
        key: DKIMPublicKey
    ) throws -> DKIMVerificationOutcome {
        let form = signature.canonicalization.header
        var signed: [UInt8] = []
        signed.reserveCapacity(2048)
        for index in fields.places(named: signature.signedFieldNames, excluding: place) {
            DKIMHeaderCanonicalizer.write(fields[index], form, to: &signed)
            signed += [0x0D, 0x0A]
        }
        DKIMHeaderCanonicalizer.write(
            fields[place], form, omitting: signature.tags.signatureValueRange, to: &signed)
        guard key.verifies(signature.signature, of: signed) else { return .signatureDoesNotFit }

        let result = try DKIMBodyCanonicalizer.hash(
            of: body, signature.canonicalization.body, limit: signature.bodyLength)
        if let limit = signature.bodyLength, limit > result.length { return .bodyIsTooShort }
        return result.hash == signature.bodyHash ? .pass : .bodyHashDoesNotFit
    }
}
