// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Signs: canonicalization and hashes are ours, the arithmetic is OpenSSL's.
enum DirectSigning {
    /// Signs.
    ///
    /// - Parameter fields: the fields to be signed, from the top.
    /// - Returns: the value of the DKIM-Signature field, folded.
    /// - Throws: ``DKIMSigningError``, or ``StorageError`` where the body can't be read.
    static func sign(
        fields: [HeaderField], body: any ContentSource, _ parameters: DKIMSigner.Parameters, now: Timestamp
    ) throws -> String {
        let canonicalization = parameters.canonicalization
        let names = fields.map(\.name) + ["from"]
        let result = try DKIMBodyCanonicalizer.hash(of: body, canonicalization.body)
        // They have to be made CRLF before (RFC 6376 §5.3), or every relay might break the signature.
        guard !result.hasBareLineEnds else { throw DKIMSigningError("its body holds bare CR or LF") }
        let unsigned =
            "v=1; a=\(parameters.key.algorithm.rawValue); c=\(canonicalization);\r\n"
            + "\td=\(parameters.domain); s=\(parameters.selector); t=\(max(0, now.seconds));\r\n"
            + "\th=\(folded(names, separator: ":"));\r\n\tbh=\(DKIMBase64.encode(result.hash));\r\n\tb="

        let octets = signedOctets(
            fields: fields, names: names, field: HeaderField(name: "DKIM-Signature", value: unsigned),
            canonicalization.header)
        guard let signature = parameters.key.sign(octets) else {
            throw DKIMSigningError("OpenSSL can't sign with the key")
        }
        let text = DKIMBase64.encode(signature).utf8[...]
        let pieces = sequence(state: text) { rest -> Substring? in
            defer { rest = rest.dropFirst(64) }
            return rest.isEmpty ? nil : Substring(rest.prefix(64))
        }
        return unsigned + folded(pieces.map { String($0) }, separator: "")
    }

    /// What is signed: the canonical fields, then the DKIM-Signature field whose `b=` is empty, without its line end
    /// (RFC 6376 §3.7).
    ///
    /// - Parameters:
    ///   - fields: the fields to be signed, from the top.
    ///   - names: what `h=` names, in its order.
    static func signedOctets(
        fields: [HeaderField], names: [String], field: HeaderField, _ form: DKIMCanonicalization.Form
    ) -> [UInt8] {
        let signed = SignedFields(HeaderSection(fields))
        var octets: [UInt8] = []
        for place in signed.places(named: names.map { $0.asciiLowercased() }, excluding: nil) {
            DKIMHeaderCanonicalizer.write(signed[place], form, to: &octets)
            octets += [0x0D, 0x0A]
        }
        DKIMHeaderCanonicalizer.write(field, form, to: &octets)
        return octets
    }

    /// Joins words, with a line end before a word that would go past column 72.
    private static func folded(_ words: [String], separator: String) -> String {
        var text = ""
        var column = 8
        for (index, word) in words.enumerated() {
            if index > 0 {
                text += separator
                if column + word.utf8.count > 72 {
                    text += "\r\n\t "
                    column = 9
                }
            }
            text += word
            column += word.utf8.count + separator.utf8.count
        }
        return text
    }
}
