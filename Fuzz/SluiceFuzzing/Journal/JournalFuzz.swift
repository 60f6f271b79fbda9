// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import SluiceQueue
import SluiceTesting

/// Start-up with any journal: what can be read of it is read, the rest is set aside with its reason, and what was read
/// is written into the next checkpoint and read from it again. The first octet says whether frames follow
/// (``JournalInput``), or a segment as it stands.
enum JournalFuzz {
    private static let directory = "/state"
    private static let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }

    static func run(_ octets: [UInt8]) {
        guard let mode = octets.first else { return }
        let content = octets.dropFirst()
        let disk = SimulatedDisk()
        do {
            let segments = mode & 1 == 0 ? JournalInput(content).segments : [ByteBuffer(bytes: content)]
            for (index, segment) in segments.enumerated() {
                let digits = String(index + 1)
                let name = "segment-" + String(repeating: "0", count: 16 - digits.count) + digits
                try disk.open("\(directory)/journal/\(name)", .create).write(segment, at: 0)
            }
        } catch {
            preconditionFailure("the disk fails: \(error)")
        }
        guard let read = look(at: disk) else { return }
        let (first, places) = open(disk)
        precondition(first == read, "the queue was read as \(read) and opened as \(first)")
        let (second, _) = open(disk)
        precondition(second == first, "\(first) was written and read as \(second)")
        precondition(places.allSatisfy { !$0.contains("\n") }, "a reason of more lines: \(places)")
    }

    /// - Returns: `nil` where another version wrote it.
    private static func look(at disk: SimulatedDisk) -> [QueueItem]? {
        let before = disk.files
        do {
            let queue = try MailQueue.read(
                directory: directory, storage: disk, time: ManualTime(), recorder: RecordedHistory(), logger: logger)
            check(queue)
            precondition(disk.files == before, "looking at a queue changed it")
            return queue.items()
        } catch {
            guard case .otherVersion = error else { preconditionFailure("a queue can't be read: \(error)") }
            return nil
        }
    }

    private static func open(_ disk: SimulatedDisk) -> (items: [QueueItem], setAside: [String]) {
        do {
            let queue = try MailQueue.open(
                directory: directory, storage: disk, time: ManualTime(), recorder: RecordedHistory(), logger: logger)
            check(queue)
            CallingThread.run {
                do throws(JournalError) {
                    for message in try await queue.salvage() {
                        precondition(!message.items.isEmpty, "a message of nobody was salvaged")
                    }
                    _ = try await queue.account()
                } catch {
                    guard case .damaged = error else {
                        preconditionFailure("the queue can't be looked through: \(error)")
                    }
                }
                await queue.close()
            }
            return (queue.items(), queue.setAside)
        } catch {
            preconditionFailure("a queue can't be opened: \(error)")
        }
    }

    private static func check(_ queue: MailQueue) {
        let items = queue.items()
        let statistics = queue.statistics()
        var states: [RecipientStep.State: Int] = [:]
        for item in items {
            precondition(!item.isFinished, "\(item.id) is finished and still there")
            for recipient in item.recipients where !recipient.state.isFinal {
                states[recipient.state.name, default: 0] += 1
            }
            do throws(JournalError) {
                let content = try queue.content(of: item.id)
                precondition(content.length == item.size, "\(item.id) has another length")
            } catch {
                switch error {
                case .damaged, .storage: break
                default: preconditionFailure("\(item.id) is there and its content is not: \(error)")
                }
            }
        }
        precondition(statistics.items == items.count && statistics.recipients == states, "\(statistics), \(states)")
        precondition(statistics.octets >= 0 && statistics.quarantinedOctets >= 0, "\(statistics)")
    }

    static var seeds: [[UInt8]] {
        let disk = SimulatedDisk()
        CallingThread.run {
            do {
                try await fill(disk)
            } catch {
                preconditionFailure("the queue can't be filled: \(error)")
            }
        }
        let files = disk.files.filter { $0.hasPrefix(directory + "/journal/") }.compactMap { disk.octets(of: $0) }
        let segments = files.map { JournalSegment.frames(of: $0) }
        return [[0] + JournalInput.written(segments)] + segments.map { [0] + JournalInput.written([$0]) }
            + files.map { [1] + $0 } + segments.flatMap { frames in frames.map { [0] + JournalInput.written([[$0]]) } }
    }

    /// Two runs of a queue: messages in every state, edits, notifications that are asked for, and changes.
    private static func fill(_ disk: SimulatedDisk) async throws {
        let sender = Mailbox(localPart: "s", domain: "a.test")
        let recipients = ["q", "h", "k", "r"].map { Mailbox(localPart: $0, domain: "b.test") }
        let states: [NewRecipient.InitialState] = [.queued, .held, .quarantined(reason: "v"), .removed(reason: "d")]
        var dsn = DSNParameters(returned: .full, envelopeID: "e")
        dsn[recipients[0]] = RecipientDSNParameters(notify: [.failure], originalRecipient: "rfc822;q@b.test")
        let item = NewItem(
            reversePath: .mailbox(sender), recipients: zip(recipients, states).map { NewRecipient($0, $1) },
            edits: [
                .addField(name: "A", value: "b", position: 0), .changeField(name: "C", occurrence: 1, value: "d"),
                .deleteField(name: "E", occurrence: 2), .replaceBody([65]), .changeReversePath(.null),
                .addRecipient(recipients[0]), .deleteRecipient(recipients[1]),
            ], is8BitMIME: true, isInternationalized: true,
            origin: ItemOrigin(listener: "m", digest: [UInt8](repeating: 7, count: 32)), dsn: dsn)
        for _ in 0..<2 {
            let queue = try MailQueue.open(
                directory: directory, storage: disk, time: ManualTime(), recorder: RecordedHistory(), logger: logger)
            for origin in [item, NewItem(reversePath: .null, recipients: [NewRecipient(recipients[0])])] {
                let ids = try await queue.commit(
                    Submission(
                        messageID: "M", content: .memory(ByteBuffer(string: "A: b\r\n\r\nc\r\n")), items: [origin],
                        record: record))
                try await queue.apply([
                    StateChange(
                        item: ids[0], recipient: 0,
                        state: .queued(attempts: 1, nextAttempt: Timestamp(seconds: 1_790_000_100)), replyCode: 451,
                        reply: "451 no", nextHop: "mx.b.test", by: "delivery", why: "w")
                ])
                if origin.origin == nil {
                    try await queue.apply([StateChange(item: ids[0], recipient: 0, state: .delivered, by: "delivery")])
                }
            }
            await queue.close()
        }
    }

    private static var record: DecisionRecord {
        DecisionRecord(
            id: "M", time: Timestamp(seconds: 1_790_000_000), listener: "m", client: ClientInfo(address: .unspecified),
            reversePath: .null, recipients: [], disposition: .deliver, reply: Reply(250, nil, "ok"))
    }
}
