// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Slows down and locks out whoever guesses passwords: by client, and by client and login together. A pure value.
///
/// What counts is always the client: a stranger who guesses a login's password locks himself out, never its owner.
struct LoginGuard: Sendable {
    private struct Failures {
        var count: Int
        /// When the last one was.
        var last: Timestamp
    }

    private struct Pair: Hashable {
        var client: IPNetwork
        var login: String
    }

    /// The longest time that the answer to a failed login is held back.
    static let longestDelay = Duration.seconds(8)

    var limits: LoginLimits
    /// Entries remembered at once, of each kind. Old ones are forgotten first; a flood of more clients than this starts
    /// over, so that memory stays bounded.
    private let entryLimit: Int
    private var clients: [IPNetwork: Failures] = [:]
    private var pairs: [Pair: Failures] = [:]

    init(_ limits: LoginLimits, entryLimit: Int = 20_000) {
        self.limits = limits
        self.entryLimit = entryLimit
    }

    /// How many entries are remembered.
    var entryCount: Int { clients.count + pairs.count }

    /// Whether a login of that client is not even checked: it has failed too often.
    func isLockedOut(_ login: String, from address: IPAddress, at now: Timestamp) -> Bool {
        let client = address.clientKey
        return counted(clients[client], at: now) >= limits.failuresPerClient
            || counted(pairs[Pair(client: client, login: login)], at: now) >= limits.failuresPerLogin
    }

    /// A login failed. Returns how long its answer is to be held back: longer with each failure.
    mutating func failed(_ login: String, from address: IPAddress, at now: Timestamp) -> Duration {
        let client = address.clientKey
        let pair = Pair(client: client, login: login)
        let count = counted(clients[client], at: now) + 1
        if clients[client] == nil { makeRoom(in: &clients, at: now) }
        clients[client] = Failures(count: count, last: now)
        let pairCount = counted(pairs[pair], at: now) + 1
        if pairs[pair] == nil { makeRoom(in: &pairs, at: now) }
        pairs[pair] = Failures(count: pairCount, last: now)
        return min(.seconds(1 << min(count - 1, 10)), Self.longestDelay)
    }

    /// A login was right: what this client had failed with this login is forgotten, not what it failed with others.
    mutating func succeeded(_ login: String, from address: IPAddress) {
        pairs[Pair(client: address.clientKey, login: login)] = nil
    }

    private func counted(_ failures: Failures?, at now: Timestamp) -> Int {
        guard let failures, now < failures.last + limits.lockout else { return 0 }
        return failures.count
    }

    private func makeRoom<Key>(in entries: inout [Key: Failures], at now: Timestamp) {
        guard entries.count >= entryLimit else { return }
        entries = entries.filter { counted($0.value, at: now) > 0 }
        if entries.count >= entryLimit { entries.removeAll() }
    }
}
