// SPDX-License-Identifier: Apache-2.0

/// Writes zip archives.
package enum ZipArchive {
    /// A file in an archive.
    package struct Entry: Sendable {
        var name: [UInt8]
        /// The octets as they stand in the archive.
        var octets: [UInt8]
        /// How many there are when they are unpacked.
        var size: Int
        var isDeflated: Bool
        var sum: UInt32

        /// A file that is not compressed.
        package init(_ name: String, _ content: [UInt8]) {
            (self.name, octets, size, isDeflated) = (Array(name.utf8), content, content.count, false)
            sum = ZipArchive.crc32(content)
        }

        /// A file that is compressed (RFC 1951); without a sum, at which no scanner looks.
        package init(_ name: String, _ deflated: [UInt8], size: Int) {
            (self.name, octets, self.size, isDeflated, sum) = (Array(name.utf8), deflated, size, true, 0)
        }
    }

    /// An archive of one file that is not compressed.
    package static func of(_ name: String, _ content: [UInt8]) -> [UInt8] { of([Entry(name, content)]) }

    /// - Parameter entries: 65,535 at most, as the field that counts them has two octets.
    package static func of(_ entries: [Entry]) -> [UInt8] {
        var local: [UInt8] = []
        var central: [UInt8] = []
        for entry in entries.prefix(65535) {
            let method: [UInt8] = entry.isDeflated ? [8, 0] : [0, 0]
            let common =
                [20, 0, 0, 8] + method + [0, 0, 0x21, 0] + little(entry.sum, 4)
                + little(UInt32(truncatingIfNeeded: entry.octets.count), 4)
                + little(UInt32(truncatingIfNeeded: entry.size), 4) + little(UInt32(entry.name.count), 2) + [0, 0]
            central += [0x50, 0x4B, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 10)
            central += little(UInt32(truncatingIfNeeded: local.count), 4) + entry.name
            local += [0x50, 0x4B, 3, 4] + common + entry.name + entry.octets
        }
        let count = little(UInt32(min(65535, entries.count)), 2)
        let end =
            [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count + little(UInt32(central.count), 4)
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
