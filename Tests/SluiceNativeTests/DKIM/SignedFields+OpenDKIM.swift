// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

@testable import SluiceNative

extension SignedFields {
    /// What libopendkim is given for a signature: its own field first, then the signed ones from the top, without final
    /// line ends.
    ///
    /// The own field comes first, so that an `h=` that names DKIM-Signature takes the others; and since it is not itself
    /// among the signed ones, the list of those stays one shorter than the room that libopendkim has for it: where all
    /// fields are signed, it writes behind its end.
    ///
    /// - Returns: `nil` where libopendkim would not process them as RFC 6376 says.
    func forOpenDKIM(_ signature: DKIMSignature, at place: Int) -> [ByteBuffer]? {
        guard Self.canRead(signature) else { return nil }
        let chosen = places(named: signature.signedFieldNames, excluding: place).sorted()
        let others = chosen.filter { self[$0].isNamed("DKIM-Signature") }
        // Where there are fewer others than h= names, libopendkim would have the signature sign itself.
        guard signature.signedFieldNames.count(where: { $0 == "dkim-signature" }) == others.count,
            others.allSatisfy({ Self.isTagList(self[$0]) })
        else { return nil }
        let form = signature.canonicalization.header
        let prepared = ([place] + chosen).map { Self.prepared(self[$0], form) }
        return prepared.allSatisfy { Self.isReadByOpenDKIM($0, form) } ? prepared : nil
    }

    private static func isTagList(_ field: HeaderField) -> Bool {
        do throws(DKIMSyntaxError) {
            _ = try DKIMTagList(field.rawValue.readableBytesView)
            return true
        } catch {
            return false
        }
    }

    /// Whether the signature has nothing that RFC 6376 allows and libopendkim takes for something else: it cuts a long
    /// `h=`, and takes what follows the letters `b=`, and nothing else, for the value of `b=`.
    private static func canRead(_ signature: DKIMSignature) -> Bool {
        signature.tags["h"].map { $0.count <= OpenDKIM.signedFieldsLimit } == true && !signature.tags.hasSpaceAfterB
            && !signature.tags.names.contains { $0 != "b" && $0.utf8.last == UInt8(ascii: "b") }
    }
}

extension DKIMPublicKey {
    /// A key record from what was read of the published one: the one form that libopendkim reads.
    var record: String { "v=DKIM1; k=\(algorithm.keyType); p=\(DKIMBase64.encode(octets))" }
}
