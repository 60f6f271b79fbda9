// SPDX-License-Identifier: Apache-2.0
import Glibc
import NIOCore

/// Looks for a line that begins a uuencoded file (POSIX): `begin 644 name`. Linear, chunk by chunk.
struct UUEncodeFinder {
    private(set) var isFound = false
    /// How much of the beginning of a line was met; `nil` in the middle of one.
    private var matched: Int? = 0

    private static let word = Array("begin ".utf8)
    private static let digits = 3

    mutating func look(at buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { octets in
            var index = 0
            while !isFound, index < octets.count, let base = octets.baseAddress {
                guard let place = matched else {
                    guard let end = memchr(base + index, 0x0A, octets.count - index) else { return }
                    index = UnsafeRawPointer(end) - base + 1
                    matched = 0
                    continue
                }
                let octet = octets[index]
                let fits =
                    place < Self.word.count
                    ? octet == Self.word[place] : octet >= UInt8(ascii: "0") && octet <= UInt8(ascii: "7")
                guard fits else {
                    matched = nil
                    continue
                }
                matched = place + 1
                isFound = place + 1 == Self.word.count + Self.digits
                index += 1
            }
        }
    }
}
