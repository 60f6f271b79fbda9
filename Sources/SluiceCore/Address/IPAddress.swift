// SPDX-License-Identifier: Apache-2.0

/// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) is read as the IPv4 address that it is.
package struct IPAddress: Hashable, Sendable {
    /// 4 octets or 16, in network order.
    package let octets: [UInt8]

    /// Makes an address of 4 or 16 octets; `nil` for any other number.
    package init?(octets: [UInt8]) {
        switch octets.count {
        case 4: self.octets = octets
        case 16:
            let mapped = octets[0..<10].allSatisfy { $0 == 0 } && octets[10] == 0xFF && octets[11] == 0xFF
            self.octets = mapped ? Array(octets[12...]) : octets
        default: return nil
        }
    }

    /// Reads `192.0.2.1` or `2001:db8::1`.
    package init?(_ text: String) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let octets = Self.parse6(text) else { return nil }
            self.init(octets: octets)
        } else {
            guard let octets = Self.parse4(text[...]) else { return nil }
            self.init(octets: octets)
        }
    }

    /// Reads what stands between the brackets of an address literal: `192.0.2.1` or `IPv6:2001:db8::1` (RFC 5321 §4.1.3).
    package init?(literal: String) {
        if literal.utf8.prefix(5).equalsIgnoringCase("IPv6:") {
            let rest = String(literal.dropFirst(5))
            guard rest.utf8.contains(UInt8(ascii: ":")) else { return nil }
            self.init(rest)
        } else {
            guard !literal.utf8.contains(UInt8(ascii: ":")) else { return nil }
            self.init(literal)
        }
    }

    /// `0.0.0.0`: stands for an address that is not known.
    package static let unspecified = IPAddress(v4: 0, 0, 0, 0)

    private init(v4 a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) { octets = [a, b, c, d] }

    package var isIPv4: Bool { octets.count == 4 }
    package var isLoopback: Bool {
        isIPv4 ? octets[0] == 127 : octets[0..<15].allSatisfy { $0 == 0 } && octets[15] == 1
    }

    /// The address as an address literal writes it, with brackets.
    package var literal: String { isIPv4 ? "[\(self)]" : "[IPv6:\(self)]" }

    /// The name under `in-addr.arpa` or `ip6.arpa` that reverse look-ups use.
    package var reverseName: String {
        if isIPv4 { return octets.reversed().map { String($0) }.joined(separator: ".") + ".in-addr.arpa" }
        return octets.reversed()
            .map { String($0 & 15, radix: 16) + "." + String($0 >> 4, radix: 16) }.joined(separator: ".") + ".ip6.arpa"
    }

    private static func parse4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var octets: [UInt8] = []
        for part in parts {
            guard !part.isEmpty, part.utf8.count <= 3, part.utf8.allSatisfy(\.isASCIIDigit), let octet = UInt8(part)
            else { return nil }
            octets.append(octet)
        }
        return octets
    }

    private static func parse6(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 45 else { return nil }
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = groups(halves[0], mayEndInIPv4: halves.count == 1) else { return nil }
        guard halves.count == 2 else { return head.count == 16 ? head : nil }
        guard let tail = groups(halves[1], mayEndInIPv4: true), head.count + tail.count <= 14 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// The groups of one side of `::`; dotted decimal may only end the whole address (RFC 4291 §2.2).
    private static func groups(_ text: Substring, mayEndInIPv4: Bool) -> [UInt8]? {
        if text.isEmpty { return [] }
        var octets: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
                guard let four = parse4(part) else { return nil }
                octets += four
            } else {
                guard !part.isEmpty, part.utf8.count <= 4, part.utf8.allSatisfy({ $0.isASCIIAlphanumeric }),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                octets += [UInt8(group >> 8), UInt8(group & 0xFF)]
            }
        }
        return octets
    }
}

extension IPAddress: CustomStringConvertible {
    /// The text form; IPv6 after RFC 5952.
    package var description: String {
        if isIPv4 { return octets.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1]) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > best.count, end - start > 1 { best = start..<end }
            start = max(end, start + 1)
        }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return best.isEmpty ? text(0..<8) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
    }
}

extension IPAddress: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let address = IPAddress(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not an address: \(text)"))
        }
        self = address
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A network in CIDR notation, such as `192.0.2.0/24`; a lone address is a network of one.
package struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    package let prefix: Int

    /// - Returns: `nil` where the text is no address, the prefix is out of range, or host bits are set.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        let width = address.octets.count * 8
        var prefix = width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy(\.isASCIIDigit), let given = Int(parts[1]), given <= width else {
                return nil
            }
            prefix = given
        }
        self.address = address
        self.prefix = prefix
        for bit in prefix..<width where address.octets[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 { return nil }
    }

    /// The network of that prefix in which an address lies; the prefix is clamped to the address's width.
    package init(of address: IPAddress, prefix: Int) {
        let prefix = min(max(0, prefix), address.octets.count * 8)
        var octets = address.octets
        for index in octets.indices {
            let kept = min(8, max(0, prefix - index * 8))
            octets[index] &= ~UInt8(truncatingIfNeeded: 0xFF >> kept)
        }
        self.address = IPAddress(octets: octets) ?? address
        self.prefix = prefix
    }

    package func contains(_ other: IPAddress) -> Bool {
        guard other.octets.count == address.octets.count else { return false }
        let whole = prefix / 8
        guard other.octets[..<whole] == address.octets[..<whole] else { return false }
        guard prefix % 8 > 0 else { return true }
        let mask = ~(UInt8(0xFF) >> UInt8(prefix % 8))
        return other.octets[whole] & mask == address.octets[whole] & mask
    }

    package var description: String { "\(address)/\(prefix)" }
}
