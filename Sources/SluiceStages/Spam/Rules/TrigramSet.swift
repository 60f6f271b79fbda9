// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Which strings of three octets stand in a text, without regard to case. It may say yes where the answer is no, and
/// never the other way round.
struct TrigramSet: Sendable {
    private var bits = [UInt64](repeating: 0, count: 1 << 10)

    private static func place(_ trigram: UInt32) -> Int { Int((trigram &* 0x9E37_79B1) >> 16) }

    mutating func add(_ text: [UInt8]) {
        var trigram: UInt32 = 0
        var length = 0
        for octet in text {
            trigram = (trigram << 8 | UInt32(octet.asciiLowercased)) & 0xFF_FFFF
            length += 1
            if length >= 3 {
                let place = Self.place(trigram)
                bits[place >> 6] |= 1 << UInt64(place & 63)
            }
        }
    }

    /// Whether one of the strings may stand in the text.
    func mayHold(_ required: RequiredOctets) -> Bool { required.alternatives.contains(where: mayHold) }

    private func mayHold(_ string: [UInt8]) -> Bool {
        var trigram: UInt32 = 0
        for (index, octet) in string.enumerated() {
            trigram = (trigram << 8 | UInt32(octet)) & 0xFF_FFFF
            guard index >= 2 else { continue }
            let place = Self.place(trigram)
            if bits[place >> 6] & (1 << UInt64(place & 63)) == 0 { return false }
        }
        return true
    }
}
