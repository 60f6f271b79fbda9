// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Synchronization

/// Counts sessions, in all and per client, and refuses those past the limits.
final class SessionGate: Sendable {
    private struct State {
        var total = 0
        var byClient: [IPAddress: Int] = [:]
    }

    private let state = Mutex(State())
    private let limit: Int
    private let limitPerClient: Int

    init(limit: Int, limitPerClient: Int) {
        self.limit = limit
        self.limitPerClient = limitPerClient
    }

    /// Lets a session begin; `nil` where it may, else the reply to refuse it with. One that began is ended by ``leave(_:)``.
    func enter(_ client: IPAddress) -> Reply? {
        state.withLock { state in
            guard state.total < limit else {
                return Reply(421, EnhancedStatusCode(4, 3, 2), "too many sessions, try again later")
            }
            guard state.byClient[client, default: 0] < limitPerClient else {
                return Reply(421, EnhancedStatusCode(4, 7, 0), "too many sessions from your address, try again later")
            }
            state.total += 1
            state.byClient[client, default: 0] += 1
            return nil
        }
    }

    func leave(_ client: IPAddress) {
        state.withLock { state in
            state.total -= 1
            let left = (state.byClient[client] ?? 1) - 1
            state.byClient[client] = left > 0 ? left : nil
        }
    }

    var count: Int { state.withLock(\.total) }
}
