// SPDX-License-Identifier: Apache-2.0

/// The name of a queue item in logs, replies and Received fields. It is never used twice in one state directory.
///
/// It is written in Crockford's base 32 (no `I`, `L`, `O`, `U`), so that it can be read aloud.
package struct QueueID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let number: UInt64

    package init(number: UInt64) { self.number = number }

    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// Reads what `description` writes; case doesn't matter.
    package init?(_ text: some StringProtocol) {
        var number: UInt64 = 0
        guard (1...13).contains(text.utf8.count) else { return nil }
        for byte in text.utf8 {
            let upper = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 32 : byte
            guard let digit = Self.digits.firstIndex(of: upper), number >> 59 == 0 else { return nil }
            number = number << 5 | UInt64(digit)
        }
        self.number = number
    }

    package var description: String {
        var octets: [UInt8] = []
        var rest = number
        repeat {
            octets.append(Self.digits[Int(rest & 31)])
            rest >>= 5
        } while rest > 0
        return String(decoding: octets.reversed(), as: UTF8.self)
    }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
