// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Chooses the fields that a signature signs (RFC 6376 §5.4.2) and prepares them for libopendkim.
struct SignedFields: Sendable {
    private let fields: [HeaderField]
    /// The places of the fields by name in lower case, from the top.
    private let places: [String: [Int]]

    init(_ header: HeaderSection) {
        fields = header.fields
        places = Dictionary(grouping: fields.indices) { header.fields[$0].name.asciiLowercased() }
    }

    /// What libopendkim is given for a signature: its own field first, then the signed ones from the top.
    ///
    /// The own field comes first, so that an `h=` that names DKIM-Signature takes the others; and since it is not
    /// itself among the signed ones, the list of those stays one shorter than libopendkim's, which writes past the end
    /// of it otherwise.
    ///
    /// - Parameter place: where the signature stands in the header section.
    /// - Throws: ``DKIMSyntaxError`` where libopendkim would not process them as RFC 6376 says.
    func forVerification(of signature: DKIMSignature, at place: Int) throws(DKIMSyntaxError) -> [ByteBuffer] {
        var remaining: [String: Int] = [:]
        var chosen: [Int] = []
        for name in signature.signedFieldNames {
            let candidates = (places[name] ?? []).filter { $0 != place }
            let left = remaining[name] ?? candidates.count
            if left == 0 {
                guard name != "dkim-signature" else {
                    throw DKIMSyntaxError("h= names DKIM-Signature more often than there are others")
                }
                continue
            }
            remaining[name] = left - 1
            chosen.append(candidates[left - 1])
        }
        chosen.sort()
        for other in chosen where fields[other].isNamed("DKIM-Signature") {
            do { _ = try DKIMTagList(fields[other].rawValue.readableBytesView) } catch {
                throw DKIMSyntaxError("it signs another signature that can't be read")
            }
        }
        try Self.check(signature)
        var prepared: [ByteBuffer] = []
        for index in [place] + chosen {
            let field = fields[index]
            let octets = Self.prepared(field, signature.canonicalization.header)
            guard Self.isProcessable(octets, signature.canonicalization.header) else {
                throw DKIMSyntaxError("the field \(field.name.prefix(64)) holds octets that libopendkim can't process")
            }
            prepared.append(octets)
        }
        return prepared
    }

    /// What RFC 6376 allows in the DKIM-Signature field, and libopendkim takes for something else.
    private static func check(_ signature: DKIMSignature) throws(DKIMSyntaxError) {
        guard signature.tags["h"].map({ $0.count <= OpenDKIM.signedFieldsLimit }) == true else {
            throw DKIMSyntaxError("h= has more than \(OpenDKIM.signedFieldsLimit) octets")
        }
        // It takes what follows the letters "b=" for the value of b=, and nothing else.
        if signature.tags.hasSpaceAfterB {
            throw DKIMSyntaxError("libopendkim can't process white space between b and =")
        }
        if signature.tags.names.contains(where: { $0 != "b" && $0.utf8.last == UInt8(ascii: "b") }) {
            throw DKIMSyntaxError("libopendkim can't process a tag whose name ends in b")
        }
    }

    /// The field without its final line end, and where that changes nothing, without white space before its colon.
    static func prepared(_ field: HeaderField, _ form: DKIMCanonicalization.Form) -> ByteBuffer {
        let name = field.name
        let value = field.rawValue
        let nameLength = name.utf8.count
        let raw = field.raw
        let isTight = raw.getInteger(at: raw.readerIndex + nameLength, as: UInt8.self) == UInt8(ascii: ":")
        if isTight || form == .simple {
            let length =
                value.readableBytes + (raw.readableBytesView.firstIndex(of: UInt8(ascii: ":")) ?? 0) + 1
                - raw.readableBytesView.startIndex
            return raw.getSlice(at: raw.readerIndex, length: length) ?? raw
        }
        // Relaxed deletes that white space (RFC 6376 §3.4.2); libopendkim stumbles over it.
        var octets = ByteBuffer()
        octets.writeString(name)
        octets.writeString(":")
        octets.writeImmutableBuffer(value)
        return octets
    }

    /// Whether libopendkim canonicalizes the field as RFC 6376 says: it ends it at a NUL, and takes CR, LF, VT and FF
    /// for white space wherever they stand, so that one could be put for another without breaking the signature.
    static func isProcessable(_ field: ByteBuffer, _ form: DKIMCanonicalization.Form) -> Bool {
        let view = field.readableBytesView
        var index = view.startIndex
        while index < view.endIndex {
            switch view[index] {
            case 0: return false
            case 0x0B, 0x0C:
                if form == .relaxed { return false }
            case 0x0A: return false
            case 0x0D:
                guard index + 2 < view.endIndex, view[index + 1] == 0x0A, view[index + 2].isWhiteSpace else {
                    return false
                }
                index += 1
            default: break
            }
            index += 1
        }
        return true
    }
}
