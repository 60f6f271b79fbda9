// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import SluiceCore

/// The SQLite index over the history: what `sluice trace` searches. It holds nothing that the files do not hold, is
/// written behind, and is made anew where it is broken.
struct HistoryIndex: Sendable {
    private let database: DatabaseQueue

    /// Opens the index.
    ///
    /// - Throws: where the file is no index of ours or is damaged; the caller then makes a new one.
    init(path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // An index: what a crash takes from it is read again from the files.
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF")
        }
        database = try DatabaseQueue(path: path, configuration: configuration)
        try database.write { database in
            if try String.fetchOne(database, sql: "PRAGMA quick_check(1)") != "ok" {
                throw HistoryError(message: "\(path): damaged")
            }
            try Self.create(database)
        }
    }

    private static let schema = 3

    private static func create(_ database: Database) throws {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard version == 0 || version == schema else {
            throw HistoryError(message: "the index has version \(version), \(schema) would be right")
        }
        try database.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS message (
                    id TEXT PRIMARY KEY, time INTEGER NOT NULL, listener TEXT NOT NULL, client TEXT NOT NULL,
                    client_name TEXT, helo TEXT, login TEXT, reverse_path TEXT NOT NULL, message_id TEXT,
                    size INTEGER NOT NULL, disposition TEXT NOT NULL, reply TEXT NOT NULL, score REAL, turned_on TEXT,
                    file INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL, mta_queue_id TEXT)
                    WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS message_mta ON message (mta_queue_id) WHERE mta_queue_id IS NOT NULL;
                CREATE INDEX IF NOT EXISTS message_time ON message (time);
                CREATE INDEX IF NOT EXISTS message_message_id ON message (message_id);
                CREATE INDEX IF NOT EXISTS message_reverse_path ON message (reverse_path);
                CREATE INDEX IF NOT EXISTS message_client ON message (client);
                CREATE TABLE IF NOT EXISTS recipient (
                    id TEXT NOT NULL, address TEXT NOT NULL, disposition TEXT NOT NULL, reason TEXT,
                    PRIMARY KEY (id, address)) WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS recipient_address ON recipient (address);
                CREATE TABLE IF NOT EXISTS step (
                    number INTEGER PRIMARY KEY, id TEXT NOT NULL, key TEXT NOT NULL, file INTEGER NOT NULL,
                    offset INTEGER NOT NULL, length INTEGER NOT NULL, UNIQUE (id, key));
                CREATE TABLE IF NOT EXISTS progress (
                    only INTEGER PRIMARY KEY CHECK (only = 1), file INTEGER NOT NULL, offset INTEGER NOT NULL);
                PRAGMA user_version = \(schema)
                """)
    }

    /// Takes in entries with their places, in one transaction. An entry that is there already is replaced.
    func insert(_ entries: [(HistoryEntry, HistoryPlace)]) throws {
        try database.write { database in
            for (entry, place) in entries {
                switch entry {
                case .decision(let decision): try Self.insert(decision, place, database)
                case .step(let step):
                    // The journal tells steps again after a crash; one that is known changes nothing.
                    let key =
                        "\(step.queueID) \(step.address) \(step.time.milliseconds) \(step.state.rawValue) \(step.attempts)"
                    try database.cachedStatement(
                        sql: "INSERT OR IGNORE INTO step (id, key, file, offset, length) VALUES (?, ?, ?, ?, ?)"
                    ).execute(arguments: [step.messageID, key, place.file, place.offset, place.length])
                }
            }
            guard let last = entries.last?.1 else { return }
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO progress VALUES (1, ?, ?)").execute(
                arguments: [last.file, last.offset + last.length + 1])
        }
    }

    /// Up to where the files have been taken in; `nil` for a new index. What a crash kept from the index stands behind.
    func progress() throws -> (file: Int64, offset: Int64)? {
        try database.read { database in
            try Row.fetchOne(database, sql: "SELECT file, offset FROM progress").map { ($0["file"], $0["offset"]) }
        }
    }

    private static func insert(_ decision: DecisionRecord, _ place: HistoryPlace, _ database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            decision.id, decision.time.milliseconds, decision.listener, decision.client.address.description,
            decision.client.name, decision.client.helo, decision.client.login,
            decision.reversePath.written.asciiLowercased(), decision.messageID, decision.size,
            decision.disposition.rawValue, decision.reply.description, decision.score,
            decision.turnedOn?.finding.name, place.file, place.offset, place.length, decision.mta?.queueID,
        ])
        // It may be told again, and then differ.
        try database.cachedStatement(sql: "DELETE FROM recipient WHERE id = ?").execute(arguments: [decision.id])
        for recipient in decision.recipients {
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO recipient VALUES (?, ?, ?, ?)").execute(
                arguments: [
                    decision.id, recipient.address.written.asciiLowercased(), recipient.disposition.rawValue,
                    recipient.reason,
                ])
        }
    }

    func contains(_ id: String) throws -> Bool {
        try database.read { try Int.fetchOne($0, sql: "SELECT 1 FROM message WHERE id = ?", arguments: [id]) != nil }
    }

    /// The places of a message's decision and of its recipients' steps.
    func places(of id: String) throws -> (decision: HistoryPlace?, steps: [HistoryPlace]) {
        try database.read { database in
            let decision = try Row.fetchOne(
                database, sql: "SELECT file, offset, length FROM message WHERE id = ?", arguments: [id])
            let steps = try Row.fetchAll(
                database, sql: "SELECT file, offset, length FROM step WHERE id = ? ORDER BY number LIMIT 100000",
                arguments: [id])
            return (decision.map(Self.place), steps.map(Self.place))
        }
    }

    private static func place(_ row: Row) -> HistoryPlace {
        HistoryPlace(file: row["file"], offset: row["offset"], length: row["length"])
    }

    /// The messages that a query finds, the latest first.
    func find(_ query: TraceQuery) throws -> [TraceSummary] {
        var conditions: [String] = []
        var arguments: [(any DatabaseValueConvertible)?] = []
        func add(_ condition: String, _ values: (any DatabaseValueConvertible)?...) {
            conditions.append(condition)
            arguments += values
        }
        if let id = query.id { add("id = ?", id.asciiLowercased()) }
        if let messageID = query.messageID {
            let bare = messageID.trimmingCharacters(in: CharacterSet(charactersIn: "<>"))
            add("message_id IN (?, ?)", "<\(bare)>", bare)
        }
        if let sender = query.sender { add("reverse_path = ?", sender == "<>" ? "" : sender.asciiLowercased()) }
        if let recipient = query.recipient {
            add("id IN (SELECT id FROM recipient WHERE address = ?)", recipient.asciiLowercased())
        }
        if let client = query.client {
            let address = IPAddress(client)?.description ?? client
            add(
                "(client = ? OR client_name = ? COLLATE NOCASE OR helo = ? COLLATE NOCASE)", address, client, client)
        }
        if let disposition = query.disposition {
            add(
                "(disposition = ? OR id IN (SELECT id FROM recipient WHERE disposition = ?))", disposition.rawValue,
                disposition.rawValue)
        }
        if let since = query.since { add("time >= ?", since.milliseconds) }
        if let until = query.until { add("time < ?", until.milliseconds) }
        if let term = query.term {
            let bare = term.trimmingCharacters(in: CharacterSet(charactersIn: "<>")).asciiLowercased()
            add(
                "(id = ? OR mta_queue_id = ? OR message_id IN (?, ?) OR reverse_path = ? OR client = ? OR id IN (SELECT id FROM recipient WHERE address = ?))",
                bare, term, term, "<\(term)>", bare, IPAddress(bare)?.description ?? bare, bare)
        }
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let sql =
            "SELECT * FROM message \(condition) ORDER BY time DESC, id DESC LIMIT \(max(1, min(query.limit, 100_000)))"
        return try database.read { database in
            try Row.fetchAll(database, sql: sql, arguments: StatementArguments(arguments)).map { row in
                let recipients = try String.fetchAll(
                    database, sql: "SELECT address FROM recipient WHERE id = ? ORDER BY address LIMIT 1000",
                    arguments: [row["id"] as String])
                return TraceSummary(
                    id: row["id"], time: Timestamp(milliseconds: row["time"]), listener: row["listener"],
                    client: row["client"], reversePath: row["reverse_path"], recipients: recipients,
                    disposition: Disposition(rawValue: row["disposition"]) ?? .defer, reply: row["reply"],
                    score: row["score"], turnedOn: row["turned_on"])
            }
        }
    }

    /// Forgets what stood in files that are gone.
    func forget(files: [Int64]) throws {
        try database.write { database in
            for file in files {
                try database.execute(
                    sql: "DELETE FROM recipient WHERE id IN (SELECT id FROM message WHERE file = ?)", arguments: [file])
                try database.execute(sql: "DELETE FROM message WHERE file = ?", arguments: [file])
                try database.execute(sql: "DELETE FROM step WHERE file = ?", arguments: [file])
            }
        }
    }
}
