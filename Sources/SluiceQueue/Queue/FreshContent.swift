// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Synchronization

/// Content of messages that have just come, kept in memory for their first delivery, so that it need not be read again
/// from the disk. Past its limit the oldest goes; the disk has all of it.
final class FreshContent: Sendable {
    private struct State {
        var contents: [UInt64: ByteBuffer] = [:]
        /// In the order in which they came; those that were taken are still in it.
        var order: [UInt64] = []
        var first = 0
        var octets = 0

        mutating func remove(_ number: UInt64) -> ByteBuffer? {
            guard let content = contents.removeValue(forKey: number) else { return nil }
            octets -= content.storageCapacity
            return content
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: octets of memory.
    init(limit: Int) { self.limit = limit }

    /// The octets of memory that it holds.
    var octets: Int { state.withLock { $0.octets } }

    /// Keeps the content of a message.
    func put(_ content: ByteBuffer, of number: UInt64) {
        guard content.storageCapacity <= limit else { return }
        state.withLock { state in
            guard state.contents.updateValue(content, forKey: number) == nil else { return }
            state.octets += content.storageCapacity
            state.order.append(number)
            while state.octets > limit, state.first < state.order.count {
                _ = state.remove(state.order[state.first])
                state.first += 1
            }
            Self.shorten(&state)
        }
    }

    /// The content of a message, once.
    func take(_ number: UInt64) -> ByteBuffer? { state.withLock { $0.remove(number) } }

    /// Forgets the order of what has gone, at a cost that is shared by as many as came meanwhile.
    private static func shorten(_ state: inout State) {
        guard state.order.count > 64, state.order.count > 2 * state.contents.count else { return }
        state.order = state.order[state.first...].filter { state.contents[$0] != nil }
        state.first = 0
    }
}
