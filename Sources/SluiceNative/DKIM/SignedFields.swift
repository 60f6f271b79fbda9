// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Chooses the fields that a signature signs (RFC 6376 §5.4.2).
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
