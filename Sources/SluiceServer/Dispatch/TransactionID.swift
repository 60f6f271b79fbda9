// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
import Synchronization

/// Makes the ids by which logs, replies and `sluice trace` name a message: 12 characters that sort by time.
package final class TransactionIDSource: Sendable {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private static let epoch: Int64 = 1_735_689_600_000  // 2025-01-01, so that 40 bits of milliseconds last until 2059
    private let last = Mutex<(time: Int64, count: UInt32)>((0, 0))

    package init() {}

    /// Eight characters of time in milliseconds and four of a random start that counts on within the millisecond.
    package func next(_ now: Timestamp) -> String {
        let (time, count) = last.withLock { last in
            // A clock that is set back must not bring an id a second time.
            let time = max(now.milliseconds - Self.epoch, last.time)
            last = time == last.time ? (time, last.count &+ 1) : (time, UInt32.random(in: 0..<(1 << 19)))
            return last
        }
        var octets = [UInt8](repeating: 0, count: 12)
        for index in 0..<8 { octets[7 - index] = Self.alphabet[Int((time >> (5 * Int64(index))) & 31)] }
        for index in 0..<4 { octets[11 - index] = Self.alphabet[Int((count >> (5 * UInt32(index))) & 31)] }
        return String(decoding: octets, as: UTF8.self)
    }
}
