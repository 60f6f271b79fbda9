// SPDX-License-Identifier: Apache-2.0

/// Who may use a connection to a filter, and which connections are kept: a value, without any I/O.
///
/// At most `limit` messages are told at once, and as many connections are open; who comes then waits, in order.
struct MilterConnectionPool<Connection: Sendable, Waiter: Sendable>: Sendable {
    /// A connection that waits for a message.
    struct Kept: Sendable {
        var connection: Connection
        var client: MilterTransaction.Client
        var reuse: MilterClientOutcome.Reuse
    }

    enum Entry: Equatable, Sendable {
        case admitted
        case waits
        /// Too many wait already.
        case refused
    }

    private let limit: Int
    private let waitLimit: Int
    private var running = 0
    private var kept: [Kept] = []
    private var waiting: [(number: Int, waiter: Waiter)] = []

    init(limit: Int, waitLimit: Int) {
        self.limit = max(1, limit)
        self.waitLimit = waitLimit
    }

    var keptCount: Int { kept.count }

    /// Asks for a place, under a number of the caller's.
    mutating func enter(_ number: Int, _ waiter: @autoclosure () -> Waiter) -> Entry {
        if running < limit {
            running += 1
            return .admitted
        }
        guard waiting.count < waitLimit else { return .refused }
        waiting.append((number, waiter()))
        return .waits
    }

    /// One that waits gives up.
    mutating func giveUp(_ number: Int) -> Waiter? {
        waiting.firstIndex { $0.number == number }.map { waiting.remove(at: $0).waiter }
    }

    /// Gives the place back.
    ///
    /// - Returns: who has it now.
    mutating func leave() -> Waiter? {
        if waiting.isEmpty {
            running -= 1
            return nil
        }
        return waiting.removeFirst().waiter
    }

    /// The connection that serves a message of that client with the least ado: of those that know it already, else of
    /// those that take another client, the one that was used last.
    mutating func take(for client: MilterTransaction.Client) -> Connection? {
        let index =
            kept.lastIndex { $0.client == client } ?? kept.lastIndex { $0.reuse == .anyClient }
        return index.map { kept.remove(at: $0).connection }
    }

    /// Makes room for a new connection.
    ///
    /// - Returns: what is to be closed.
    mutating func makeRoom() -> [Connection] {
        let excess = max(0, kept.count + running - limit)
        let closing = kept.prefix(excess).map(\.connection)
        kept.removeFirst(closing.count)
        return closing
    }

    mutating func keep(_ connection: Kept) { kept.append(connection) }

    /// Lets go of the connections for which the condition holds.
    mutating func removeAll(where isUnwanted: (Connection) -> Bool) -> [Connection] {
        let unwanted = kept.filter { isUnwanted($0.connection) }.map(\.connection)
        kept.removeAll { isUnwanted($0.connection) }
        return unwanted
    }
}
