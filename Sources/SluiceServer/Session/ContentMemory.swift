// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The memory that content of transactions under way may take, over all sessions. Past it, content goes to disk however
/// small it is.
final class ContentMemory: Sendable {
    private let used = Atomic<Int>(0)
    private let limit: Int

    /// - Parameter limit: octets.
    init(limit: Int) { self.limit = limit }

    var octets: Int { used.load(ordering: .relaxed) }

    /// What one transaction has of it; given back when the share goes.
    final class Share: Sendable {
        private let memory: ContentMemory
        private let taken = Atomic<Int>(0)

        init(_ memory: ContentMemory) { self.memory = memory }

        /// Takes so many octets more; `false` where there is no room.
        func grow(by octets: Int) -> Bool {
            guard memory.used.wrappingAdd(octets, ordering: .relaxed).newValue <= memory.limit else {
                memory.used.wrappingSubtract(octets, ordering: .relaxed)
                return false
            }
            taken.wrappingAdd(octets, ordering: .relaxed)
            return true
        }

        /// Takes so many octets more, whether there is room or not: what comes after goes to disk the sooner.
        func take(_ octets: Int) {
            memory.used.wrappingAdd(octets, ordering: .relaxed)
            taken.wrappingAdd(octets, ordering: .relaxed)
        }

        /// Gives all of it back before the share goes: the content is on disk now.
        func release() {
            memory.used.wrappingSubtract(taken.exchange(0, ordering: .relaxed), ordering: .relaxed)
        }

        deinit { release() }
    }
}
