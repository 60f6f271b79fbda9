// SPDX-License-Identifier: Apache-2.0

/// Compresses (RFC 1951) what repeats itself, with the fixed codes of §3.2.6: enough for archives that unpack to much.
enum Deflate {
    private static let longest = 258

    static func zeros(count: Int) -> [UInt8] { periodic([0], count: count) }

    /// The period again and again, `count` octets in all or a few more.
    static func periodic(_ period: [UInt8], count: Int) -> [UInt8] {
        var bits = BitWriter()
        for octet in period { bits.literal(octet) }
        for _ in 0..<max(0, (count - period.count) / longest) { bits.match(distance: period.count) }
        return bits.end()
    }

    /// Any octets; small where they repeat with a period of up to 32.
    static func of(_ octets: [UInt8]) -> [UInt8] {
        var bits = BitWriter()
        var place = 0
        while place < octets.count {
            let distance = (1...32).first { distance in
                place >= distance && place + longest <= octets.count
                    && (0..<longest).allSatisfy { octets[place + $0] == octets[place + $0 - distance] }
            }
            if let distance {
                bits.match(distance: distance)
                place += longest
            } else {
                bits.literal(octets[place])
                place += 1
            }
        }
        return bits.end()
    }

    private struct BitWriter {
        var octets: [UInt8] = []
        var waiting: UInt64 = 0b011  // the last block, with fixed codes (§3.2.3)
        var count = 3

        mutating func put(_ bits: UInt64, _ width: Int) {
            waiting |= bits << UInt64(count)
            count += width
            while count >= 8 {
                octets.append(UInt8(truncatingIfNeeded: waiting))
                waiting >>= 8
                count -= 8
            }
        }

        /// Codes stand with their first bit first (§3.1.1).
        mutating func code(_ code: UInt64, _ width: Int) {
            var turned: UInt64 = 0
            for bit in 0..<width { turned |= (code >> UInt64(width - 1 - bit) & 1) << UInt64(bit) }
            put(turned, width)
        }

        mutating func literal(_ octet: UInt8) {
            if octet < 144 { code(0x30 + UInt64(octet), 8) } else { code(0x190 + UInt64(octet) - 144, 9) }
        }

        /// The longest match at that distance (§3.2.5).
        mutating func match(distance: Int) {
            code(0b1100_0101, 8)
            guard distance > 4 else { return code(UInt64(distance - 1), 5) }
            let extra = (distance - 1).bitWidth - (distance - 1).leadingZeroBitCount - 2
            let half = (distance - 1) >> extra
            code(UInt64(2 * extra + half), 5)
            put(UInt64((distance - 1) & ((1 << extra) - 1)), extra)
        }

        mutating func end() -> [UInt8] {
            code(0, 7)
            put(0, 7)
            return octets
        }
    }
}
