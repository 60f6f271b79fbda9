// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceQueue

/// Connections that are kept for the next transaction with the same host, whatever the destination. A pure value over
/// time that it is told; what it lets go of, the caller closes.
package struct IdleConnections<Connection: Sendable>: Sendable {
    /// A connection and how many transactions it has carried.
    package struct Kept: Sendable {
        package var connection: Connection
        package var uses: Int

        package init(_ connection: Connection, uses: Int) {
            self.connection = connection
            self.uses = uses
        }
    }

    private struct Entry: Sendable {
        var kept: Kept
        var until: Timestamp
    }

    private var entries: [ConnectionKey: [Entry]] = [:]
    /// Where the mail of a destination went last, so that a kept connection needs no look-up.
    private var destinations: [Destination: ConnectionKey] = [:]
    private let idleTime: Duration
    private let useLimit: Int
    private let limit: Int
    package private(set) var count = 0

    /// - Parameters:
    ///   - idleTime: how long a connection is kept.
    ///   - useLimit: transactions after which it is not kept any more.
    ///   - limit: connections kept altogether.
    package init(idleTime: Duration = .seconds(10), useLimit: Int = 100, limit: Int = 200) {
        self.idleTime = idleTime
        self.useLimit = useLimit
        self.limit = limit
    }

    /// The connection to this host that was put back last, which is the least likely to have been closed by the peer.
    package mutating func take(_ key: ConnectionKey, at now: Timestamp) -> Kept? {
        guard let entry = entries[key]?.last, entry.until > now else { return nil }
        entries[key]?.removeLast()
        count -= 1
        if entries[key]?.isEmpty == true { entries[key] = nil }
        return entry.kept
    }

    /// A connection to the host that the mail of this destination went to last.
    ///
    /// - Parameter fits: whether a connection made so will do.
    package mutating func take(
        _ destination: Destination, at now: Timestamp, where fits: (ConnectionKey) -> Bool
    ) -> (key: ConnectionKey, kept: Kept)? {
        guard let key = destinations[destination], fits(key) else { return nil }
        return take(key, at: now).map { (key, $0) }
    }

    /// Keeps a connection.
    ///
    /// - Returns: whether it was kept; else it is to be closed.
    package mutating func put(
        _ key: ConnectionKey, for destination: Destination, _ kept: Kept, at now: Timestamp
    ) -> Bool {
        guard kept.uses < useLimit, count < limit else { return false }
        entries[key, default: []].append(Entry(kept: kept, until: now + idleTime))
        destinations[destination] = key
        count += 1
        return true
    }

    /// Lets go of what has been idle for too long.
    package mutating func expired(at now: Timestamp) -> [Connection] {
        var expired: [Connection] = []
        for (key, kept) in entries {
            // They are in the order of their times.
            let over = kept.prefix { $0.until <= now }
            if over.isEmpty { continue }
            expired += over.map(\.kept.connection)
            count -= over.count
            entries[key] = over.count == kept.count ? nil : Array(kept.dropFirst(over.count))
        }
        // Past the limit of what can be kept most of these lead nowhere.
        if destinations.count > 2 * limit { destinations = destinations.filter { entries[$0.value] != nil } }
        return expired
    }

    /// Lets go of all.
    package mutating func removeAll() -> [Connection] {
        defer {
            entries = [:]
            destinations = [:]
            count = 0
        }
        return entries.values.flatMap { $0.map(\.kept.connection) }
    }
}
