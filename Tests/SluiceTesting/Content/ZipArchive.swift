// SPDX-License-Identifier: Apache-2.0

/// Writes zip archives, without compression.
package enum ZipArchive {
    package static func of(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let name = Array(name.utf8)
        let sum = little(crc32(content), 4)
        let size = little(UInt32(content.count), 4)
        let common = [20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0] + sum + size + size + little(UInt32(name.count), 2) + [0, 0]
        let local = [0x50, 0x4B, 3, 4] + common + name + content
        let central = [0x50, 0x4B, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 14) + name
        let end =
            [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0] + little(UInt32(central.count), 4)
            + little(UInt32(local.count), 4) + [0, 0]
        return local + central + end
    }

    private static func little(_ number: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    private static func crc32(_ octets: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for octet in octets {
            sum ^= UInt32(octet)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
