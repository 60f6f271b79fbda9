// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceQueue

/// How long a start takes with a full queue: 3,000 messages, or as `SLUICE_QUEUE_MESSAGES` says.
@Suite("A full queue", .serialized) struct TakeUpTests {
    private static let messages =
        ProcessInfo.processInfo.environment["SLUICE_QUEUE_MESSAGES"].flatMap { Int($0) } ?? 3000

    #if DEBUG
        /// What a release build takes a second for takes this one half a minute.
        private static let limit = Duration.seconds(10) * max(1, messages / 5000)
    #else
        private static let limit = Duration.seconds(10)
    #endif

    private func open(_ directory: String) throws -> MailQueue {
        try MailQueue.open(
            directory: directory, storage: FileStorage(), time: SystemTime(), recorder: RecordedHistory(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Octets of this process in memory.
    private static func resident() throws -> Int {
        let statm = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (Int(statm[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    @Test("is taken up in under 10 seconds, as it was")
    func takenUp() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/sluice-take-up-\(UUID())"
        let isKept = ProcessInfo.processInfo.environment["SLUICE_KEEP_QUEUE"] != nil
        if isKept { print("the queue stays in \(directory)") }
        defer { if !isKept { try? FileManager.default.removeItem(atPath: directory) } }  // a temporary folder
        let storage = FileStorage()
        try storage.createDirectory(directory)
        try await fill(directory)
        let before = try Self.resident()
        let begin = ContinuousClock.now
        let killed = try open(directory)
        let afterKill = ContinuousClock.now - begin
        let grown = try Self.resident() - before
        #expect(killed.items().count == Self.messages)
        await killed.close()
        let second = ContinuousClock.now
        let closed = try open(directory)
        let afterClose = ContinuousClock.now - second
        #expect(closed.items().count == Self.messages)
        let third = ContinuousClock.now
        let items = closed.items()
        let listed = ContinuousClock.now - third
        print(
            "\(Self.messages) messages are taken up in \(afterKill) after a kill, \(afterClose) after a close; listed in \(listed); \(grown / max(1, items.count)) octets of memory each"
        )
        #expect(afterKill < Self.limit && afterClose < Self.limit)
        #expect(closed.statistics().recipients == [.queued: Self.messages])
        await closed.close()
    }

    private func fill(_ directory: String) async throws {
        let queue = try open(directory)
        for start in stride(from: 0, to: Self.messages, by: 500) {
            let submissions = (start..<min(start + 500, Self.messages)).map { number in
                Sample.submission(
                    "m\(number)", to: [NewRecipient(Sample.mailbox("recipient\(number)"))],
                    content: .memory(Sample.content("m\(number)", length: 2000)))
            }
            try await queue.apply([], adding: submissions)
        }
    }
}
