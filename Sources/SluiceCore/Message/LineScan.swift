// SPDX-License-Identifier: Apache-2.0

extension Span<UInt8> {
    /// Where the next CR, LF or NUL stands from an index on; the count where there is none. Passes over all else eight
    /// octets a step.
    package func nextLineOctet(from start: Int) -> Int {
        let octets = bytes
        var index = start
        while index < count {
            // Octets below 0x0E, by the usual trick: exact up to and with the lowest of them (Hacker's Delight §6-1).
            while index &+ 8 <= count {
                let word = UInt64(littleEndian: octets.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
                let low = (word &- 0x0E0E_0E0E_0E0E_0E0E) & ~word & 0x8080_8080_8080_8080
                if low != 0 {
                    index &+= low.trailingZeroBitCount / 8
                    break
                }
                index &+= 8
            }
            guard index < count else { break }
            switch self[index] {
            case 0x0D, 0x0A, 0: return index
            default: index &+= 1
            }
        }
        return index
    }
}
