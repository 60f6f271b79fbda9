// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceDelivery
import SluiceHistory
import SluiceQueue

/// What is done for commands that concern queue, quarantine and history: by the running server, or on its files where
/// none runs. Each command is a method of an extension.
struct ControlCommands: Sendable {
    let queue: MailQueue
    let history: History
    /// `nil` where no server runs: what it would be told is then written for the next one.
    let delivery: DeliveryService?
    /// What the running server counts; `nil` where none runs.
    var running: RunningFigures?
    /// `nil` where nothing is known of the chain, so that nothing can be scanned again.
    let release: QuarantineRelease?
    let time: any TimeSource
    let logger: Logger
    /// What keeps files from going while they are backed up; `nil` where no server runs.
    var upkeep: UpkeepHold?

    /// A command that can't be done, with an exit code after sysexits.
    struct Failure: Error {
        var status: Int
        var why: String

        static func usage(_ why: String) -> Failure { Failure(status: 64, why: why) }
        static func notFound(_ why: String) -> Failure { Failure(status: 66, why: why) }
    }

    func answer(_ request: ControlRequest) async -> ControlAnswer {
        do {
            return .done(try await values(request))
        } catch let failure as Failure {
            return .failed(failure.status, failure.why)
        } catch let error as JournalError {
            return .failed(error.isTransient ? 75 : 65, "\(error)")
        } catch {
            logger.error("command failed", metadata: ["command": "\(request.command)", "error": "\(error)"])
            return .failed(70, "\(error)")
        }
    }

    /// The commands that change nothing.
    static let reading: Set<String> = [
        "account", "quarantine list", "quarantine show", "queue list", "queue salvage", "queue show", "queue stats",
        "trace find", "trace show",
    ]
    /// Of those, the ones that ask the history.
    static let readingHistory: Set<String> = ["quarantine list", "quarantine show", "trace find", "trace show"]

    private func values(_ request: ControlRequest) async throws -> [JSONValue] {
        switch request.command {
        case "ping": return [["running": true]]
        case "queue list": return try queueList(request)
        case "queue show": return [try queueShow(request)]
        case "queue flush": return [try await queueFlush(request)]
        case "queue release" where request.arguments["id"] == nil: return [try await releaseRestored(request)]
        case "queue hold", "queue release", "queue delete": return [try await queueChange(request)]
        case "queue stats": return [queueStatistics()]
        case "queue salvage": return try await salvageList(request)
        case "queue salvage requeue": return [try await salvageRequeue(request)]
        case "quarantine list": return try await quarantineList(request)
        case "quarantine show": return [try await quarantineShow(request)]
        case "quarantine release": return [try await quarantineRelease(request)]
        case "quarantine delete": return [try await quarantineDelete(request)]
        case "quarantine purge": return [try await quarantinePurge(request)]
        case "trace find": return try await traceFind(request)
        case "trace show": return [try await traceShow(request)]
        case "backup begin": return [try await backupBegin(request)]
        case "backup renew": return [try backupRenew(request)]
        case "backup end": return [try backupEnd(request)]
        case "account": return [try await account(request)]
        case "top": return [try await top()]
        case "index rebuild":
            try await history.perform { try $0.rebuildIndex() }
            return [["rebuilt": true]]
        default: throw Failure.usage("the server knows no command \(request.command)")
        }
    }

    private func account(_ request: ControlRequest) async throws -> JSONValue {
        let since = request.arguments["since"].flatMap { Int64($0) }.map { Timestamp(milliseconds: $0) }
        return try await queue.account(since: since).json
    }

    /// The items that an argument names: a queue id, or the id of a message.
    func items(_ request: ControlRequest) throws -> [QueueItem] {
        guard let id = request.arguments["id"] else { throw Failure.usage("an id is missing") }
        if let queueID = QueueID(id), let item = queue.item(queueID) { return [item] }
        let items = queue.items(ofMessage: id.asciiLowercased())
        guard !items.isEmpty else { throw Failure.notFound("\(id): nothing of that id is in the queue") }
        return items
    }
}

extension Account {
    /// As `sluice account` prints it (CLI.md).
    var json: JSONValue {
        [
            "since": since.map { .string($0.rfc3339) } ?? .null, "accepted": .integer(accepted),
            "recipients": .integer(recipients), "queued": .integer(queued), "held": .integer(held),
            "quarantined": .integer(quarantined), "delivered": .integer(delivered), "bounced": .integer(bounced),
            "removed": .integer(removed), "unaccounted": .integer(unaccounted), "chain": .string("\(chain)"),
        ]
    }
}
