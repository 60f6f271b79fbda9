// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Synchronization

/// How many messages may come by client, login and sender in a time (`limits.rates`).
final class MessageRates: Sendable {
    private struct State {
        var clients: TokenBuckets<IPNetwork>?
        var logins: TokenBuckets<String>?
        var senders: TokenBuckets<Mailbox>?
    }

    private let state: Mutex<State>

    init(_ limits: RateLimits) {
        state = Mutex(
            State(
                clients: limits.client.map { TokenBuckets($0) }, logins: limits.login.map { TokenBuckets($0) },
                senders: limits.sender.map { TokenBuckets($0) }))
    }

    /// A rate that stays the same goes on counting where it is.
    func replaceLimits(by limits: RateLimits) {
        func replace<Key>(_ buckets: inout TokenBuckets<Key>?, _ rate: Rate?) {
            if buckets?.rate != rate { buckets = rate.map { TokenBuckets($0) } }
        }
        state.withLock { state in
            replace(&state.clients, limits.client)
            replace(&state.logins, limits.login)
            replace(&state.senders, limits.sender)
        }
    }

    /// Counts a message that is about to be sent.
    ///
    /// - Parameter isTrustedNetwork: then the client's address isn't counted: it may stand for many.
    /// - Returns: `nil` where it may come, else the reply to refuse it with.
    func refusal(
        of client: ClientInfo, isTrustedNetwork: Bool, reversePath: ReversePath, at now: Timestamp
    ) -> Reply? {
        let exceeded: String? = state.withLock { state in
            if let login = client.login {
                if state.logins?.take(login, at: now) == false { return "with this login" }
            } else if !isTrustedNetwork, state.clients?.take(client.address.clientKey, at: now) == false {
                return "from your address"
            }
            // The null reverse-path is nobody's: notifications of all the world have it.
            if let sender = reversePath.mailbox, state.senders?.take(sender, at: now) == false {
                return "from this sender"
            }
            return nil
        }
        return exceeded.map {
            Reply(450, EnhancedStatusCode(4, 7, 1), "too many messages \($0), try again later")
        }
    }
}
