// SPDX-License-Identifier: Apache-2.0
import CLinux
package import NIOCore

/// CRC-32C (Castagnoli; RFC 3720 appendix B.4), by the processor's instruction where it has one, else by tables, eight
/// octets a step. It finds accidents; against intent stands SHA-256.
package struct CRC32C: Sendable {
    private var register: UInt32 = .max

    package init() {}

    /// Eight tables of 256 entries, one behind the other: the k-th advances an octet by k more octets.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for index in 0..<256 {
            var value = UInt32(index)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
            tables[index] = value
        }
        for table in 1..<8 {
            for index in 0..<256 {
                let before = tables[(table - 1) * 256 + index]
                tables[table * 256 + index] = before >> 8 ^ tables[Int(before & 0xFF)]
            }
        }
        return tables
    }()

    /// The checksum of what was added so far.
    package var value: UInt32 { ~register }

    private static let hasInstruction = sluice_has_crc32c() != 0

    /// Adds the readable octets of a buffer.
    package mutating func update(_ buffer: ByteBuffer) {
        guard Self.hasInstruction else { return updateByTables(buffer) }
        register = buffer.withUnsafeReadableBytes { octets in
            guard let start = octets.baseAddress else { return register }
            return sluice_crc32c(register, start.assumingMemoryBound(to: UInt8.self), octets.count)
        }
    }

    /// As ``update(_:)`` on processors without the instruction.
    mutating func updateByTables(_ buffer: ByteBuffer) {
        var register = register
        buffer.withUnsafeReadableBytes { octets in
            Self.tables.withUnsafeBufferPointer { table in
                var index = 0
                // No index leaves its bounds: a table index is at most 0x7FF, and eight octets are left at each step.
                while index &+ 8 <= octets.count {
                    let word = UInt64(littleEndian: octets.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                    let low = UInt32(truncatingIfNeeded: word) ^ register
                    let high = UInt32(truncatingIfNeeded: word >> 32)
                    let first = table[Int(0x700 | low & 0xFF)] ^ table[Int(0x600 | low >> 8 & 0xFF)]
                    let second = table[Int(0x500 | low >> 16 & 0xFF)] ^ table[Int(0x400 | low >> 24)]
                    let third = table[Int(0x300 | high & 0xFF)] ^ table[Int(0x200 | high >> 8 & 0xFF)]
                    let fourth = table[Int(0x100 | high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
                    register = first ^ second ^ third ^ fourth
                    index &+= 8
                }
                while index < octets.count {
                    register = register >> 8 ^ table[Int((register ^ UInt32(octets[index])) & 0xFF)]
                    index &+= 1
                }
            }
        }
        self.register = register
    }

    /// Adds a number as eight octets, the lowest first.
    package mutating func update(_ number: UInt64) {
        for shift in 0..<8 {
            let octet = UInt32(truncatingIfNeeded: number >> (UInt64(shift) * 8)) & 0xFF
            register = register >> 8 ^ Self.tables[Int((register ^ octet) & 0xFF)]
        }
    }

    /// The checksum of the readable octets of a buffer.
    package static func of(_ buffer: ByteBuffer) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(buffer)
        return checksum.value
    }
}
