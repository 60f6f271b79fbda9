// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative
import Synchronization

/// Stored content that is held against its checksum while it is read: the read that reaches its end throws where it is
/// not what was stored. So whoever sends it finds out before the last part has gone, and reads it once.
final class VerifiedContent: ContentSource {
    private struct State {
        /// Of the octets up to `verified`.
        var checksum = CRC32C()
        var verified = 0
        /// It is not what was stored: nobody who begins again, such as with the next host, gets to its end.
        var damage: JournalError?
    }

    private static let step = 65536

    private let source: any ContentSource
    private let checksum: UInt32
    private let onDamage: @Sendable (JournalError) -> Void
    private let state = Mutex(State())

    /// - Parameter onDamage: called where it is not what was stored.
    init(_ source: any ContentSource, checksum: UInt32, onDamage: @escaping @Sendable (JournalError) -> Void) {
        self.source = source
        self.checksum = checksum
        self.onDamage = onDamage
    }

    var length: Int { source.length }

    /// - Throws: ``JournalError/damaged(_:)``, or what the source throws.
    func read(at offset: Int, count: Int) throws -> ByteBuffer {
        let octets = try source.read(at: offset, count: count)
        try verify(octets, at: min(max(0, offset), length))
        return octets
    }

    private func verify(_ octets: ByteBuffer, at offset: Int) throws {
        try state.withLock { state in
            if let damage = state.damage { throw damage }
            if try isIntact(octets, at: offset, &state) { return }
            let damage = JournalError.damaged("content of \(length) octets")
            state.damage = damage
            onDamage(damage)
            throw damage
        }
    }

    /// Adds what has not been added yet; whether it may still be what was stored.
    private func isIntact(_ octets: ByteBuffer, at offset: Int, _ state: inout State) throws -> Bool {
        let end = offset + octets.readableBytes
        guard end > state.verified else { return true }
        // What was passed over is verified too.
        while state.verified < offset {
            let gap = try source.read(at: state.verified, count: min(Self.step, offset - state.verified))
            if gap.readableBytes == 0 { return false }
            state.checksum.update(gap)
            state.verified += gap.readableBytes
        }
        let known = state.verified - offset
        guard let new = octets.getSlice(at: octets.readerIndex + known, length: octets.readableBytes - known)
        else { return false }
        state.checksum.update(new)
        state.verified = end
        return end < length || state.checksum.value == checksum
    }
}
