// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import Synchronization

/// A channel that is being connected, so that a task which is cancelled can give it up.
package final class OpeningChannel: Sendable {
    private struct State {
        var channel: (any Channel)?
        var isCancelled = false
    }

    private let state = Mutex(State())

    package init() {}

    /// The channel is there; it is closed again where it was given up before.
    package func opened(_ channel: any Channel) {
        let isCancelled = state.withLock { state in
            state.channel = channel
            return state.isCancelled
        }
        if isCancelled { channel.close(promise: nil) }
    }

    /// Gives the channel up, whether it is there yet or not.
    package func cancel() {
        let channel = state.withLock { state in
            state.isCancelled = true
            return state.channel
        }
        channel?.close(promise: nil)
    }
}
