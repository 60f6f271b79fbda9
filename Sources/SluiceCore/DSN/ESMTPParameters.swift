// SPDX-License-Identifier: Apache-2.0

/// What stands behind the path of MAIL or RCPT: `esmtp-param *(SP esmtp-param)` (RFC 5321 §4.1.2). There is at least one,
/// and all are well-formed; what they mean is another matter.
package struct ESMTPParameters: Hashable, Sendable {
    package struct Parameter: Hashable, Sendable {
        /// In capitals.
        package let keyword: String
        package let value: String?

        /// As it stands in a command.
        package var written: String { value.map { "\(keyword)=\($0)" } ?? keyword }
    }

    package let all: [Parameter]

    /// The most octets that all of them have together.
    package static let lengthLimit = 2048

    /// Reads parameters with white space between them.
    ///
    /// - Returns: `nil` where there is none, where one is malformed or stands twice, or where they are too long.
    package init?(_ octets: some Collection<UInt8>) {
        guard octets.count <= Self.lengthLimit else { return nil }
        var all: [Parameter] = []
        for word in octets.split(whereSeparator: \.isWhiteSpace) {
            guard let parameter = Parameter(word), !all.contains(where: { $0.keyword == parameter.keyword }) else {
                return nil
            }
            all.append(parameter)
        }
        if all.isEmpty { return nil }
        self.all = all
    }

    /// Those of the parameters that one wants; `nil` where none is left.
    package func filter(_ isWanted: (Parameter) -> Bool) -> ESMTPParameters? {
        ESMTPParameters(all.filter(isWanted).map(\.written).joined(separator: " ").utf8)
    }

    /// These, and of the others those whose keywords aren't among them.
    package func over(_ others: ESMTPParameters?) -> ESMTPParameters {
        guard let others else { return self }
        let further = others.all.filter { other in !all.contains { $0.keyword == other.keyword } }
        return ESMTPParameters((all + further).map(\.written).joined(separator: " ").utf8) ?? self
    }

    /// The value of a keyword, which is given in capitals; `nil` where it isn't there or has none.
    package subscript(keyword: String) -> String? { all.first { $0.keyword == keyword }?.value }

    /// As they stand in a command.
    package var written: String { all.map(\.written).joined(separator: " ") }
}

extension ESMTPParameters.Parameter {
    /// `esmtp-keyword ["=" esmtp-value]`: the keyword is letters, digits and inner hyphens, the value is printable and
    /// without `=`.
    fileprivate init?(_ word: some Collection<UInt8>) {
        let equals = word.firstIndex(of: UInt8(ascii: "="))
        let keyword = word[..<(equals ?? word.endIndex)]
        guard let first = keyword.first, first.isASCIIAlphanumeric,
            keyword.allSatisfy({ $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") })
        else { return nil }
        self.keyword = String(decoding: keyword, as: UTF8.self).uppercased()
        guard let equals else {
            value = nil
            return
        }
        let value = word[word.index(after: equals)...]
        guard !value.isEmpty, value.allSatisfy({ 33...126 ~= $0 && $0 != UInt8(ascii: "=") }) else { return nil }
        self.value = String(decoding: value, as: UTF8.self)
    }
}

extension ESMTPParameters: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let parameters = Self(try container.decode(String.self).utf8) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no ESMTP parameters")
        }
        self = parameters
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(written)
    }
}
