// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Reads one term of a record (RFC 7208 §4.6.1, 12).
struct SPFTermParser {
    private let term: ArraySlice<UInt8>

    init(_ term: ArraySlice<UInt8>) { self.term = term }

    /// The name of a modifier, where the term is one: `name "="` with nothing of a mechanism before it.
    static func modifierName(_ term: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let equals = term.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = term[..<equals]
        guard let first = name.first, first.isASCIILetter,
            name.allSatisfy({ $0.isASCIIAlphanumeric || "-_.".utf8.contains($0) })
        else { return nil }
        return name
    }

    func directive() throws(SPFSyntaxError) -> SPFDirective {
        let qualifier = term.first.flatMap { SPFQualifier(rawValue: $0) }
        let body = qualifier == nil ? term : term.dropFirst()
        let name = body.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "/") }
        return SPFDirective(
            qualifier: qualifier ?? .pass, mechanism: try mechanism(name, body.dropFirst(name.count)),
            written: SPFText.shown(term, limit: 255))
    }

    /// - Parameter rest: empty, or what follows the name, from the `:` or `/` on.
    private func mechanism(
        _ name: ArraySlice<UInt8>, _ rest: ArraySlice<UInt8>
    ) throws(SPFSyntaxError) -> SPFMechanism {
        switch String(decoding: name, as: UTF8.self).asciiLowercased() {
        case "all":
            guard rest.isEmpty else { throw SPFSyntaxError(term, "all takes nothing behind it") }
            return .all
        case "include": return .include(try domain(rest))
        case "exists": return .exists(try domain(rest))
        case "ptr": return .pointer(rest.isEmpty ? nil : try domain(rest))
        case "a":
            let (before, lengths) = try prefixLengths(rest)
            return .address(before.isEmpty ? nil : try domain(before), lengths)
        case "mx":
            let (before, lengths) = try prefixLengths(rest)
            return .mailExchange(before.isEmpty ? nil : try domain(before), lengths)
        case "ip4":
            let (network, prefix) = try network(rest, limit: 32)
            guard SPFNetwork.isIPv4(network) else { throw SPFSyntaxError(term, "this is no IPv4 address") }
            return .ip4(network: network, prefix: prefix)
        case "ip6":
            let (network, prefix) = try network(rest, limit: 128)
            guard SPFNetwork.isIPv6(network) else { throw SPFSyntaxError(term, "this is no IPv6 address") }
            return .ip6(network: network, prefix: prefix)
        default: throw SPFSyntaxError(term, "there is no such mechanism")
        }
    }

    /// A domain-spec behind its colon.
    private func domain(_ rest: ArraySlice<UInt8>) throws(SPFSyntaxError) -> SPFMacroString {
        guard rest.first == UInt8(ascii: ":") else { throw SPFSyntaxError(term, "a domain is missing") }
        return try SPFMacroString(domainSpec: rest.dropFirst(), of: term)
    }

    /// Takes `[ip4-cidr-length] ["/" ip6-cidr-length]` from the end. A domain-spec may hold slashes, but its last label
    /// never does, so what looks like a length at the end is one.
    private func prefixLengths(
        _ rest: ArraySlice<UInt8>
    ) throws(SPFSyntaxError) -> (before: ArraySlice<UInt8>, SPFPrefixLengths) {
        var lengths = SPFPrefixLengths()
        var before = rest
        let slash = UInt8(ascii: "/")
        if let digits = Self.trailingDigits(before),
            before.dropLast(digits.count).suffix(2).elementsEqual([slash, slash])
        {
            lengths.ipv6 = try length(digits, limit: 128)
            before = before.dropLast(digits.count + 2)
        }
        if let digits = Self.trailingDigits(before), before.dropLast(digits.count).last == slash {
            lengths.ipv4 = try length(digits, limit: 32)
            before = before.dropLast(digits.count + 1)
        }
        return (before, lengths)
    }

    private static func trailingDigits(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let start = octets.lastIndex { !$0.isASCIIDigit }.map { $0 + 1 } ?? octets.startIndex
        return start < octets.endIndex ? octets[start...] : nil
    }

    private func network(
        _ rest: ArraySlice<UInt8>, limit: Int
    ) throws(SPFSyntaxError) -> (network: String, prefix: Int) {
        guard rest.first == UInt8(ascii: ":") else { throw SPFSyntaxError(term, "an address is missing") }
        let value = rest.dropFirst()
        let network = value.prefix { $0 != UInt8(ascii: "/") }
        let text = String(decoding: network, as: UTF8.self)
        guard network.endIndex < value.endIndex else { return (text, limit) }
        return (text, try length(value[(network.endIndex + 1)...], limit: limit))
    }

    /// `"0" / %x31-39 *DIGIT`, within its range.
    private func length(_ digits: ArraySlice<UInt8>, limit: Int) throws(SPFSyntaxError) -> Int {
        guard !digits.isEmpty, digits.count <= 3, digits.allSatisfy(\.isASCIIDigit),
            digits.count == 1 || digits.first != UInt8(ascii: "0"),
            let length = Int(String(decoding: digits, as: UTF8.self)), length <= limit
        else { throw SPFSyntaxError(term, "a prefix length is a number from 0 to \(limit)") }
        return length
    }
}
