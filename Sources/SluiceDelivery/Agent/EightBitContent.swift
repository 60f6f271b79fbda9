// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import SluiceCore

/// Where content holds octets past 127.
struct EightBitContent: Hashable, Sendable {
    var isInHeader = false
    var isAnywhere = false

    /// Octets that are read at once.
    private static let chunk = 256 * 1024

    /// Reads the content on a thread that may wait for the disk.
    ///
    /// - Throws: ``StorageError`` where it can't be read.
    static func find(in content: any ContentSource) async throws -> EightBitContent {
        try await NIOThreadPool.singleton.runIfActive {
            var found = EightBitContent()
            found.isInHeader = try Message(content).header.fields.contains { field in
                field.raw.readableBytesView.contains { $0 >= 0x80 }
            }
            var offset = 0
            while !found.isAnywhere, offset < content.length {
                let octets = try content.read(at: offset, count: chunk)
                if octets.readableBytes == 0 { break }
                found.isAnywhere = octets.readableBytesView.contains { $0 >= 0x80 }
                offset += octets.readableBytes
            }
            return found
        }
    }
}
