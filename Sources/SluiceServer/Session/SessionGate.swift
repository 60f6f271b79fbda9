// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Synchronization

/// Counts sessions, in all, by client and by network, and refuses those past the limits.
final class SessionGate: Sendable {
    private struct State {
        var limit: Int
        var limitPerClient: Int
        var limitPerNetwork: Int
        var total = 0
        var byClient: [IPAddress: Int] = [:]
        var byNetwork: [IPNetwork: Int] = [:]
        var opened: Int64 = 0
        var refused: [Limit: Int64] = [:]
    }

    /// What a session can be one too many of.
    enum Limit: String, CaseIterable, Sendable {
        case total, client, network
    }

    /// Sessions since the start.
    struct Figures: Sendable {
        /// Those under way.
        var count: Int
        var opened: Int64
        var refused: [Limit: Int64]
    }

    private let state: Mutex<State>

    init(limit: Int, limitPerClient: Int, limitPerNetwork: Int) {
        state = Mutex(State(limit: limit, limitPerClient: limitPerClient, limitPerNetwork: limitPerNetwork))
    }

    /// For sessions that begin from now on; none is ended.
    func replaceLimits(_ limit: Int, perClient: Int, perNetwork: Int) {
        state.withLock { state in
            (state.limit, state.limitPerClient, state.limitPerNetwork) = (limit, perClient, perNetwork)
        }
    }

    /// Lets a session begin; `nil` where it may, else the reply to refuse it with. One that began is ended by ``leave(_:)``.
    func enter(_ client: IPAddress) -> Reply? {
        let network = client.clientNetwork
        return state.withLock { state in
            guard state.total < state.limit else {
                state.refused[.total, default: 0] += 1
                return Reply(421, EnhancedStatusCode(4, 3, 2), "too many sessions, try again later")
            }
            guard state.byClient[client, default: 0] < state.limitPerClient else {
                state.refused[.client, default: 0] += 1
                return Reply(421, EnhancedStatusCode(4, 7, 0), "too many sessions from your address, try again later")
            }
            guard state.byNetwork[network, default: 0] < state.limitPerNetwork else {
                state.refused[.network, default: 0] += 1
                return Reply(421, EnhancedStatusCode(4, 7, 0), "too many sessions from your network, try again later")
            }
            state.total += 1
            state.opened += 1
            state.byClient[client, default: 0] += 1
            state.byNetwork[network, default: 0] += 1
            return nil
        }
    }

    func leave(_ client: IPAddress) {
        let network = client.clientNetwork
        state.withLock { state in
            state.total -= 1
            let left = (state.byClient[client] ?? 1) - 1
            state.byClient[client] = left > 0 ? left : nil
            let leftOfNetwork = (state.byNetwork[network] ?? 1) - 1
            state.byNetwork[network] = leftOfNetwork > 0 ? leftOfNetwork : nil
        }
    }

    var count: Int { state.withLock(\.total) }

    var figures: Figures {
        state.withLock { Figures(count: $0.total, opened: $0.opened, refused: $0.refused) }
    }
}
