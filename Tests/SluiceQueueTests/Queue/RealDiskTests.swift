// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceQueue

/// The queue on the machine's own files.
@Suite struct RealDiskTests {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-queue-\(UUID())").path

    private func open() throws -> MailQueue {
        try MailQueue.open(
            directory: directory, storage: FileStorage(), time: SystemTime(), recorder: RecordedHistory(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test("twenty writers at once, deliveries, maintenance and restarts lose nothing")
    func writers() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileStorage().createDirectory(directory)
        let lock = try StateDirectoryLock(directory: directory)
        let queue = try open()
        let large = Sample.content("large", length: 400_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<20 {
                group.addTask {
                    for number in 0..<10 {
                        let id = try await queue.commit(Sample.submission("w\(writer)-\(number)", .queued))[0]
                        if number.isMultiple(of: 2) { try await queue.change(id, to: .delivered) }
                    }
                    let staged = try queue.stageContent()
                    try staged.append(large)
                    _ = try await queue.commit(
                        Sample.submission(
                            "large-\(writer)", to: [NewRecipient(Sample.mailbox("a"))], content: .staged(staged)))
                }
            }
            group.addTask { try await queue.maintain(now: SystemTime().now + .seconds(4000)) }
            try await group.waitForAll()
        }
        try await queue.maintain(now: SystemTime().now + .seconds(8000))
        #expect(try FileStorage().list(directory + "/journal").count == 1)
        let again = try open()
        #expect(again.setAside.isEmpty)
        #expect(again.items().count == 120)
        for item in again.items() {
            let expected = item.messageID.hasPrefix("large") ? large : Sample.content(item.messageID)
            #expect(try again.octets(of: item.id) == expected)
        }
        let account = try await again.account()
        #expect(account.accepted == 220 && account.delivered == 100 && account.queued == 120 && account.addsUp)
        await again.close()
        withExtendedLifetime(lock) {}
    }
}
