// SPDX-License-Identifier: Apache-2.0

/// The value of a field such as Content-Type or Content-Disposition, with its parameters (RFC 2045 §5.1, RFC 2183,
/// RFC 2231), read tolerantly from octets in one pass.
package struct MIMEParameters: Hashable, Sendable {
    /// One parameter, its continuations joined (RFC 2231 §3).
    package struct Parameter: Hashable, Sendable {
        /// In lower case, without the asterisks of RFC 2231.
        package var name: String
        /// Without quotes, percent-decoded where it was extended.
        package var octets: [UInt8]
        /// The character set of an extended parameter (RFC 2231 §4); `nil` where it was not extended.
        package var charset: String?
    }

    /// What stands before the first semicolon, in lower case: `text/html`, `attachment`.
    package private(set) var value: String
    /// In the order of the field.
    package private(set) var parameters: [Parameter]
    /// Whether the grammar was broken somewhere; what could be read was.
    package private(set) var isFaulty: Bool

    /// More parameters than this are not read.
    static let limit = 100

    /// The first parameter of that name.
    package func first(_ name: String) -> Parameter? { parameters.first { $0.name == name } }

    /// - Parameter octets: the field's value, unfolded.
    package init(_ octets: [UInt8]) {
        var lexer = MIMEParameterLexer(octets)
        value = String(latin1OrUTF8: lexer.leadingValue()).asciiLowercased()
        var pieces: [Piece] = []
        while pieces.count < Self.limit, let (name, octets) = lexer.parameter() {
            if let piece = Piece(name, octets) { pieces.append(piece) } else { lexer.isFaulty = true }
        }
        if pieces.count == Self.limit { lexer.isFaulty = true }
        isFaulty = lexer.isFaulty
        parameters = []
        join(pieces)
    }

    /// A parameter as written: `name`, `name*`, `name*0`, `name*0*`.
    private struct Piece {
        var name: String
        /// The number of a continuation.
        var section: Int?
        var isExtended: Bool
        var octets: [UInt8]

        init?(_ written: [UInt8], _ octets: [UInt8]) {
            self.octets = octets
            guard written.contains(UInt8(ascii: "*")) else {
                name = String(latin1OrUTF8: written).asciiLowercased()
                isExtended = false
                return
            }
            let parts = written.split(separator: UInt8(ascii: "*"), maxSplits: 2, omittingEmptySubsequences: false)
            name = String(latin1OrUTF8: parts[0]).asciiLowercased()
            switch parts.count {
            case 1: isExtended = false
            case 2 where parts[1].isEmpty: isExtended = true
            case 2, 3:
                guard !parts[1].isEmpty, parts[1].count <= 4, parts[1].allSatisfy(\.isASCIIDigit),
                    let number = Int(String(decoding: parts[1], as: UTF8.self)), parts.count == 2 || parts[2].isEmpty
                else { return nil }
                section = number
                isExtended = parts.count == 3
            default: return nil
            }
        }
    }

    /// Joins continuations in the order of their numbers. Where a name stands extended and plain, the extended form
    /// counts, as it is the one for readers that know both (RFC 2231; RFC 6266 §4.3 says the same for HTTP).
    private mutating func join(_ pieces: [Piece]) {
        // Nearly always there is one, or a few that are all plain.
        if pieces.allSatisfy({ $0.section == nil && !$0.isExtended }), Self.areDistinct(pieces) {
            parameters = pieces.map { Parameter(name: $0.name, octets: $0.octets, charset: nil) }
            return
        }
        var names: [String] = []
        var byName: [String: [Piece]] = [:]
        for piece in pieces {
            if byName[piece.name] == nil { names.append(piece.name) }
            byName[piece.name, default: []].append(piece)
        }
        for name in names {
            guard let all = byName[name] else { continue }
            let continued = all.filter { $0.section != nil }.sorted { ($0.section ?? 0) < ($1.section ?? 0) }
            let whole = all.filter { $0.section == nil }
            if whole.count(where: { !$0.isExtended }) > 1 || whole.count(where: { $0.isExtended }) > 1 {
                isFaulty = true
            }
            if let extended = whole.first(where: \.isExtended) {
                parameters.append(joined(name, [extended]))
            } else if continued.first?.section == 0 {
                var chain: [Piece] = []
                for piece in continued where piece.section == chain.count { chain.append(piece) }
                if chain.count < continued.count { isFaulty = true }
                parameters.append(joined(name, chain))
            } else if let plain = whole.first {
                parameters.append(joined(name, [plain]))
            } else {
                isFaulty = true
            }
        }
    }

    private static func areDistinct(_ pieces: [Piece]) -> Bool {
        switch pieces.count {
        case 0, 1: true
        case 2: pieces[0].name != pieces[1].name
        default: Set(pieces.map(\.name)).count == pieces.count
        }
    }

    private mutating func joined(_ name: String, _ chain: [Piece]) -> Parameter {
        var parameter = Parameter(name: name, octets: [], charset: nil)
        for (index, piece) in chain.enumerated() {
            guard piece.isExtended else {
                parameter.octets += piece.octets
                continue
            }
            var octets = piece.octets[...]
            if index == 0 {
                // charset ' language ' octets
                let quotes = octets.indices.lazy.filter { piece.octets[$0] == UInt8(ascii: "'") }.prefix(2)
                if quotes.count == 2, let first = quotes.first, let second = quotes.dropFirst().first {
                    parameter.charset = String(latin1OrUTF8: octets[..<first])
                    octets = octets[(second + 1)...]
                } else {
                    isFaulty = true
                    parameter.charset = ""
                }
            }
            parameter.octets += percentDecoded(octets)
        }
        return parameter
    }

    private mutating func percentDecoded(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(octets.count)
        var index = octets.startIndex
        while index < octets.endIndex {
            let byte = octets[index]
            index += 1
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            if index + 1 < octets.endIndex, let high = octets[index].hexadecimalValue,
                let low = octets[index + 1].hexadecimalValue
            {
                decoded.append(high << 4 | low)
                index += 2
            } else {
                isFaulty = true
                decoded.append(byte)
            }
        }
        return decoded
    }
}

extension UInt8 {
    /// The value of a hexadecimal digit of either case.
    var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
