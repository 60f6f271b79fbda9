// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceQueue

/// A history of which a failed sync loses all that was not synced, though the next one comes back.
private final class LosingHistory: HistoryRecorder {
    private struct State {
        var durable: Set<String> = []
        var waiting: Set<String> = []
        var failures = 0
    }

    private let state = Mutex(State())

    func fail(_ times: Int) { state.withLock { $0.failures = times } }
    var durable: Set<String> { state.withLock { $0.durable } }

    func record(_ decision: DecisionRecord) { _ = state.withLock { $0.waiting.insert(decision.id) } }
    func recordStep(_ step: RecipientStep) {
        _ = state.withLock { $0.waiting.insert("\(step.messageID) \(step.state.rawValue)") }
    }

    func synchronize() throws {
        try state.withLock { state in
            defer { state.waiting = [] }
            guard state.failures == 0 else {
                state.failures -= 1
                throw StorageError(call: "fsync", path: "history", code: 5, meaning: "Input/output error")
            }
            state.durable.formUnion(state.waiting)
        }
    }
}

@Suite("A history whose sync failed") struct FailedHistorySyncTests {
    private let disk = SimulatedDisk()
    private let time = ManualTime()
    private let history = LosingHistory()

    private func open() throws -> MailQueue {
        var configuration = MailQueue.Configuration()
        configuration.freeSpaceReserve = 0
        configuration.segmentSize = 4000
        configuration.inlineLimit = 2000
        return try MailQueue.open(
            directory: "/state", storage: disk, configuration: configuration, time: time, recorder: history,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test(
        "is told again what it may have lost, before a segment or a file of content goes that says it",
        arguments: 1...4)
    func toldAgain(failures: Int) async throws {
        let queue = try open()
        var expected: Set<String> = []
        for number in 0..<30 {
            let name = "m\(number)"
            // Some with content in files of their own.
            let content = Sample.content(name, length: number % 3 == 0 ? 3000 : 500)
            let submission = Sample.submission(
                name, to: [NewRecipient(Sample.mailbox(name), .queued)], content: .memory(content))
            let id = try await queue.commit(submission)[0]
            try await queue.change(id, to: .delivered)
            expected.formUnion([name, "\(name) queued", "\(name) delivered"])
        }
        time.advance(by: .seconds(3700))
        history.fail(failures)
        for _ in 0..<failures {
            await #expect(throws: JournalError.self) { try await queue.maintain(now: time.now) }
        }
        // Accepted since, and in the segment that is written to.
        let id = try await queue.commit(Sample.submission("last", .queued))[0]
        expected.formUnion(["last", "last queued"])
        try await queue.maintain(now: time.now)
        #expect(expected.subtracting(history.durable) == [])
        #expect(queue.item(id) != nil)
        #expect(disk.files.count { $0.hasPrefix("/state/journal/") } <= 3)
        #expect(disk.files.count { $0.hasPrefix("/state/content/") } == 0)
    }

    @Test("is told again by the next start, where the server stops before its upkeep can")
    func stopped() async throws {
        let queue = try open()
        let id = try await queue.commit(Sample.submission("one", .queued))[0]
        try await queue.change(id, to: .delivered)
        time.advance(by: .seconds(3700))
        history.fail(1)
        await #expect(throws: JournalError.self) { try await queue.maintain(now: time.now) }
        await queue.close()
        _ = try open()
        #expect(history.durable.isSuperset(of: ["one", "one queued", "one delivered"]))
    }
}
