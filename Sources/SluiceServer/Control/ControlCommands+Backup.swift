// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceHistory
import SluiceQueue

extension ControlCommands {
    /// How long an upkeep that is under way is waited for.
    private static let upkeepPatience = Duration.seconds(300)

    /// Marks a point in the journal and names the files to be copied, which stay until `backup end`, or until it isn't
    /// renewed in time.
    func backupBegin(_ request: ControlRequest) async throws -> JSONValue {
        guard let upkeep, let id = request.arguments["id"] else { throw Failure.usage("an id is missing") }
        guard upkeep.hold(as: id) else { throw Failure(status: 75, why: "another backup is under way") }
        do {
            return try await marked(upkeep, id)
        } catch {
            _ = upkeep.release(id)
            throw error
        }
    }

    private func marked(_ upkeep: UpkeepHold, _ id: String) async throws -> JSONValue {
        let end = ContinuousClock.now + Self.upkeepPatience
        while upkeep.isUnderWay {
            guard ContinuousClock.now < end, upkeep.renew(id) else {
                throw Failure(status: 75, why: "the journal's upkeep is under way")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        // The bulk of what waits is written before, so that at the moment itself little is left.
        try await history.perform { try $0.flush() }
        let (queue, marked) = try await queue.mark { [history] in Result { try history.mark() } }
        let files = try marked.get()
        let all =
            queue.files.map { BackupSource(path: $0.path, length: $0.length, isEnded: $0.isEnded) }
            + files.map { BackupSource(path: "history/" + $0.name, length: $0.length, isEnded: $0.isEnded) }
        return [
            "records": .integer(Int64(clamping: queue.ledger.length)), "head": .string(queue.ledger.head),
            "renew_within": .integer(UpkeepHold.lease.components.seconds), "files": .array(all.map(\.json)),
        ]
    }

    func backupRenew(_ request: ControlRequest) throws -> JSONValue {
        guard let upkeep, let id = request.arguments["id"] else { throw Failure.usage("an id is missing") }
        guard upkeep.renew(id) else {
            throw Failure(
                status: 75, why: "the files may have gone meanwhile: the backup took too long to say that it goes on")
        }
        return ["renewed": true]
    }

    func backupEnd(_ request: ControlRequest) throws -> JSONValue {
        guard let upkeep, let id = request.arguments["id"] else { throw Failure.usage("an id is missing") }
        guard upkeep.release(id) else {
            throw Failure(
                status: 75, why: "the files may have gone meanwhile: the backup took too long to say that it goes on")
        }
        return ["ended": true]
    }
}
