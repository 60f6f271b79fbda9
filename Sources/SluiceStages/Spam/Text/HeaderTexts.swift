// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The header section as `header` rules see it.
struct HeaderTexts: Sendable {
    /// A field with its value as the rules see it.
    struct Field: Sendable {
        var name: String
        /// Unfolded, as received.
        var raw: [UInt8]
        /// Unfolded, encoded words decoded, in UTF-8.
        var value: [UInt8]
    }

    /// The most fields that are read.
    static let fieldLimit = 1000
    /// The most octets of one field that are read.
    static let valueLimit = 32768

    let fields: [Field]
    private let indexes: [String: [Int]]
    /// The limits for which a field or some octets of one were left out, in words.
    let limitsMet: [String]

    init(_ header: HeaderSection, charsets: any CharsetConverter) {
        var isCut = false
        var fields: [Field] = []
        var indexes: [String: [Int]] = [:]
        for field in header.fields.prefix(Self.fieldLimit) {
            var raw = field.unfoldedOctets
            if raw.count > Self.valueLimit {
                raw.removeLast(raw.count - Self.valueLimit)
                isCut = true
            }
            // A NUL can't stand in a line; it would only hide what follows it from a person.
            let isPlain = raw.isASCII && !raw.contains(UInt8(ascii: "="))
            let value = isPlain ? raw : Array(EncodedWord.decode(raw, charsets: charsets).utf8)
            let name = field.name
            indexes[name.asciiLowercased(), default: []].append(fields.count)
            fields.append(Field(name: name, raw: raw, value: value))
        }
        self.fields = fields
        self.indexes = indexes
        limitsMet =
            (header.fields.count > Self.fieldLimit ? ["\(Self.fieldLimit) fields of the header section"] : [])
            + (isCut ? ["\(Self.valueLimit >> 10) KiB of a field"] : [])
    }

    /// The fields of that name (in lower case), from the top.
    func all(_ name: String) -> [Field] { indexes[name]?.map { fields[$0] } ?? [] }
    func first(_ name: String) -> Field? { indexes[name]?.first.map { fields[$0] } }
    func count(_ name: String) -> Int { indexes[name]?.count ?? 0 }
    func contains(_ name: String) -> Bool { indexes[name] != nil }

    /// The first address of the first field of that name; `nil` where there is no such field.
    func firstAddress(_ name: String) -> MailAddress? {
        first(name).map { MailAddress.list($0.value).first ?? MailAddress(name: "", address: "") }
    }

    /// What a rule that names this field and part looks at; `nil` where the field is missing.
    ///
    /// Several fields of a name follow one another; each value ends in LF, as SpamAssassin has it.
    func text(_ name: String, _ part: HeaderTest.Part) -> [UInt8]? {
        switch name {
        case "all":
            return fields.flatMap { Array($0.name.utf8) + [0x3A, 0x20] + (part == .raw ? $0.raw : $0.value) + [0x0A] }
        case "tocc": return joined(["to", "cc"], part)
        case "messageid": return joined(["message-id", "resent-message-id", "x-message-id"], part)
        default: return joined([name], part)
        }
    }

    private func joined(_ names: [String], _ part: HeaderTest.Part) -> [UInt8]? {
        let found = names.count == 1 ? all(names[0]) : names.flatMap { all($0) }
        guard !found.isEmpty else { return nil }
        switch part {
        case .value: return found.flatMap { $0.value + [0x0A] }
        case .raw: return found.flatMap { $0.raw + [0x0A] }
        case .address: return found.first.map { Array((MailAddress.list($0.value).first?.address ?? "").utf8) }
        case .name: return found.first.map { Array((MailAddress.list($0.value).first?.name ?? "").utf8) }
        }
    }
}
