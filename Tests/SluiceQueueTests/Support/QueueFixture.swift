// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import SluiceTesting
import Synchronization

@testable import SluiceQueue

/// A queue on a simulated disk, with a clock and a history that tests look into.
struct QueueFixture {
    let disk: SimulatedDisk
    let time = ManualTime()
    let history = RecordedHistory()
    var configuration: MailQueue.Configuration

    static let directory = "/state"

    init(disk: SimulatedDisk = SimulatedDisk()) {
        self.disk = disk
        configuration = MailQueue.Configuration()
        configuration.inlineLimit = 2000
        configuration.segmentSize = 20_000
        configuration.freeSpaceReserve = 0
    }

    func open() throws(JournalError) -> MailQueue {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        logger.handler = SwiftLogNoOpLogHandler()
        return try MailQueue.open(
            directory: Self.directory, storage: disk, configuration: configuration, time: time, recorder: history,
            logger: logger)
    }

    /// Looks at it as it stands on the disk.
    func read() throws(JournalError) -> MailQueue {
        try MailQueue.read(
            directory: Self.directory, storage: disk, configuration: configuration, time: time, recorder: history,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// The power goes and comes back.
    func reopenAfterPowerCut() throws(JournalError) -> MailQueue {
        disk.restart()
        return try open()
    }

    var segments: [String] { disk.files.filter { $0.hasPrefix(Self.directory + "/journal/") } }
    var contentFiles: [String] { disk.files.filter { $0.hasPrefix(Self.directory + "/content/") } }
    var stagedFiles: [String] { disk.files.filter { $0.hasPrefix(Self.directory + "/staged/") } }
}

/// Values that tests are about.
enum Sample {
    static func mailbox(_ name: String) -> Mailbox { Mailbox(localPart: name, domain: "example.org") }

    /// Content that is different for every seed, and says in its first line whose it is.
    static func content(_ name: String, length: Int = 600) -> ByteBuffer {
        var buffer = ByteBuffer(string: "Subject: \(name)\r\n\r\n")
        var generator = SeededGenerator(seed: UInt64(name.utf8.reduce(7) { $0 &* 31 &+ Int($1) }.magnitude))
        while buffer.readableBytes < length { buffer.writeInteger(generator.next()) }
        return buffer
    }

    static func record(_ id: String, recipients: [Mailbox] = []) -> DecisionRecord {
        guard let address = IPAddress("192.0.2.1") else { preconditionFailure("192.0.2.1 is an address") }
        return DecisionRecord(
            id: id, time: Timestamp(seconds: 1_790_000_000), listener: "mx",
            client: ClientInfo(address: address), reversePath: .mailbox(mailbox("sender")),
            recipients: recipients.map { RecipientDecision(address: $0, disposition: .deliver) },
            disposition: .deliver, reply: Reply(250, nil, "ok"))
    }

    static func submission(
        _ id: String, to recipients: [NewRecipient], content: Submission.Content? = nil,
        reversePath: ReversePath = .mailbox(mailbox("sender")), edits: [MessageEdit] = []
    ) -> Submission {
        Submission(
            messageID: id, content: content ?? .memory(Self.content(id)),
            items: [NewItem(reversePath: reversePath, recipients: recipients, edits: edits)],
            record: record(id, recipients: recipients.map(\.mailbox)))
    }

    static func submission(_ id: String, _ states: NewRecipient.InitialState...) -> Submission {
        submission(id, to: states.enumerated().map { NewRecipient(mailbox("\(id)-\($0)"), $1) })
    }
}

extension MailQueue {
    /// The octets of an item's content.
    func octets(of id: QueueID) throws -> ByteBuffer { try content(of: id).readAll() }

    func change(_ id: QueueID, _ recipient: Int = 0, to state: RecipientState) async throws(JournalError) {
        try await apply([StateChange(item: id, recipient: recipient, state: state, replyCode: 250, by: "delivery")])
    }
}

/// Shut until it is opened; for holding the journal's thread.
final class Gate: Sendable {
    private let isOpen = Mutex(false)

    func open() { isOpen.withLock { $0 = true } }

    func wait() { while !isOpen.withLock({ $0 }) {} }
}
