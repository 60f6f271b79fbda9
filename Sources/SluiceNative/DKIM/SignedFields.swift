// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Chooses the fields that a signature signs (RFC 6376 §5.4.2) and prepares them for libopendkim.
struct SignedFields: Sendable {
    private let fields: [HeaderField]
    /// The places of the fields by name in lower case, from the top.
    private let placesByName: [String: [Int]]

    init(_ header: HeaderSection) {
        fields = header.fields
        placesByName = Dictionary(grouping: fields.indices) { header.fields[$0].name.asciiLowercased() }
    }

    subscript(place: Int) -> HeaderField { fields[place] }

    /// The places of the fields that `h=` names, in its order: for each name the last field that is left. A name without a
    /// field signs that there is none; the signature does not sign itself (RFC 6376 §3.5, §5.4.2).
    ///
    /// - Parameters:
    ///   - names: in lower case.
    ///   - place: where the signature itself stands.
    func places(named names: [String], excluding place: Int?) -> [Int] {
        var remaining: [String: ArraySlice<Int>] = [:]
        return names.compactMap { name in
            remaining[name, default: (placesByName[name] ?? []).filter { $0 != place }[...]].popLast()
        }
    }

    /// What libopendkim is given for a signature: its own field first, then the signed ones from the top, without final
    /// line ends.
    ///
    /// The own field comes first, so that an `h=` that names DKIM-Signature takes the others; and since it is not itself
    /// among the signed ones, the list of those stays one shorter than the room that libopendkim has for it: where all
    /// fields are signed, it writes behind its end.
    ///
    /// - Returns: `nil` where libopendkim would not process them as RFC 6376 says.
    func forOpenDKIM(_ signature: DKIMSignature, at place: Int) -> [ByteBuffer]? {
        guard Self.isReadByOpenDKIM(signature) else { return nil }
        let chosen = places(named: signature.signedFieldNames, excluding: place).sorted()
        let others = chosen.filter { fields[$0].isNamed("DKIM-Signature") }
        // Where there are fewer others than h= names, libopendkim would have the signature sign itself.
        guard signature.signedFieldNames.count(where: { $0 == "dkim-signature" }) == others.count,
            others.allSatisfy({ Self.isTagList(fields[$0]) })
        else { return nil }
        let form = signature.canonicalization.header
        let prepared = ([place] + chosen).map { Self.prepared(fields[$0], form) }
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
    private static func isReadByOpenDKIM(_ signature: DKIMSignature) -> Bool {
        signature.tags["h"].map { $0.count <= OpenDKIM.signedFieldsLimit } == true && !signature.tags.hasSpaceAfterB
            && !signature.tags.names.contains { $0 != "b" && $0.utf8.last == UInt8(ascii: "b") }
    }

    /// The field without its final line end and, where that changes nothing, without white space before its colon, over
    /// which libopendkim stumbles: relaxed deletes it (RFC 6376 §3.4.2).
    static func prepared(_ field: HeaderField, _ form: DKIMCanonicalization.Form) -> ByteBuffer {
        var octets = ByteBuffer()
        switch form {
        case .simple: octets.writeBytes(field.raw.readableBytesView.prefix { $0 != UInt8(ascii: ":") })
        case .relaxed: octets.writeString(field.name)
        }
        octets.writeString(":")
        octets.writeImmutableBuffer(field.rawValue)
        return octets
    }

    /// Whether libopendkim canonicalizes the field as RFC 6376 says: it ends it at a NUL, refuses a tab before its colon,
    /// and takes CR, LF, VT and FF for white space wherever they stand, so that one could be put for another without
    /// breaking the signature.
    static func isReadByOpenDKIM(_ field: ByteBuffer, _ form: DKIMCanonicalization.Form) -> Bool {
        let view = field.readableBytesView
        if view.prefix(while: { $0 != UInt8(ascii: ":") }).contains(0x09) { return false }
        var index = view.startIndex
        while index < view.endIndex {
            switch view[index] {
            case 0, 0x0A: return false
            case 0x0B, 0x0C:
                if form == .relaxed { return false }
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
