// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceQueue

/// State directories as each version wrote them, in `fixtures/journal/vN`: every later version has to read them.
///
/// `SLUICE_WRITE_FIXTURE=1 swift test --filter FixtureTests` writes the one of the present format, where there is none
/// yet. One that was published is never written again.
@Suite("A state directory of an earlier version", .serialized) struct FixtureTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures/journal")
    private static let isWriting = ProcessInfo.processInfo.environment["SLUICE_WRITE_FIXTURE"] != nil

    private static var versions: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)))?
            .filter { $0.hasPrefix("v") }.sorted() ?? []
    }

    private static func open(_ directory: String, _ time: ManualTime) throws -> MailQueue {
        try MailQueue.open(
            directory: directory, storage: FileStorage(), time: time, recorder: RecordedHistory(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// An edit as the words of earlier versions have it, which knew no parameters.
    private static func words(_ edit: MessageEdit) -> String { "\(edit)".replacing(", parameters: nil", with: "") }

    /// Everything that the format holds, in words.
    private static func describe(_ queue: MailQueue) async throws -> String {
        var lines: [String] = []
        for item in queue.items() {
            lines.append(
                "item \(item.id) of \(item.messageID), accepted \(item.acceptedAt.milliseconds), from <\(item.reversePath.written)>, 8bit \(item.is8BitMIME), utf8 \(item.isInternationalized)"
            )
            if let origin = item.origin { lines.append("  origin \(origin.listener) \(origin.digest)") }
            if let dsn = item.dsn { lines.append("  dsn \(dsn.written)") }
            for edit in item.edits { lines.append("  edit \(words(edit))") }
            for recipient in item.recipients {
                lines.append("  recipient <\(recipient.mailbox.written)> \(recipient.state), \(recipient.attempts)")
                let asked = item.dsn(of: recipient.mailbox).written
                if !asked.isEmpty { lines.append("    dsn \(asked)") }
                for step in recipient.steps {
                    lines.append(
                        "    step \(step.time.milliseconds) \(step.state.rawValue) by \(step.by): \(step.why), \(step.reply ?? "-"), \(step.nextHop ?? "-")"
                    )
                }
            }
            lines.append("  content \(CRC32C.of(try queue.octets(of: item.id))), \(item.size) octets")
            lines.append("  record \(try queue.record(of: item.messageID)?.id ?? "-")")
        }
        let account = try await queue.account()
        lines.append(
            "account \(account.accepted) accepted, \(account.queued) queued, \(account.held) held, \(account.quarantined) quarantined, \(account.delivered) delivered, \(account.bounced) bounced, \(account.removed) removed, \(account.unaccounted) unaccounted, \(account.chain)"
        )
        return lines.joined(separator: "\n") + "\n"
    }

    /// A queue that has used every part of the format.
    private static func write(_ directory: String) async throws {
        let time = ManualTime()
        var queue = try open(directory, time)
        let edits: [MessageEdit] = [
            .addField(name: "X-A", value: "1", position: nil), .addField(name: "X-B", value: "2", position: 3),
            .changeField(name: "Subject", occurrence: 1, value: "other"),
            .deleteField(name: "Bcc", occurrence: 2), .replaceBody(Array("body\r\n".utf8)),
            .changeReversePath(.null), .addRecipient(Sample.mailbox("added")),
            .deleteRecipient(Sample.mailbox("gone")),
            .changeReversePath(.null, parameters: ESMTPParameters("RET=HDRS".utf8)),
            .addRecipient(Sample.mailbox("added"), parameters: ESMTPParameters("NOTIFY=NEVER".utf8)),
        ]
        var dsn = DSNParameters(returned: .headers, envelopeID: "QQ314159")
        dsn[Sample.mailbox("second")] = RecipientDSNParameters(
            notify: [.success, .delay], originalRecipient: "rfc822;second@example.org")
        let delivered = try await queue.commit(Sample.submission("delivered", .queued, .queued))[0]
        try await queue.change(delivered, to: .delivered)
        try await queue.change(delivered, 1, to: .bounced)
        _ = try await queue.commit(
            Sample.submission("edited", to: [NewRecipient(Sample.mailbox("e"))], edits: edits))
        _ = try await queue.commit(Sample.submission("held", .held, .removed(reason: "by rule")))
        _ = try await queue.commit(Sample.submission("quarantined", .quarantined(reason: "infected")))
        time.advance(by: .seconds(4000))
        try await queue.maintain(now: time.now)
        await queue.close()
        queue = try open(directory, time)
        let items = [
            NewItem(
                reversePath: .null, recipients: [NewRecipient(Sample.mailbox("first"))], is8BitMIME: true,
                isInternationalized: true, origin: ItemOrigin(listener: "milter", digest: [1, 2, 3, 254])),
            NewItem(
                reversePath: .mailbox(Sample.mailbox("s")), recipients: [NewRecipient(Sample.mailbox("second"))],
                dsn: dsn),
        ]
        let two = try await queue.commit(
            Submission(
                messageID: "two", content: .memory(Sample.content("two", length: 900)), items: items,
                record: Sample.record("two")))
        try await queue.apply([
            StateChange(
                item: two[0], recipient: 0,
                state: .queued(attempts: 2, nextAttempt: time.now + .seconds(300)), replyCode: 451,
                reply: "451 4.3.0 later", nextHop: "192.0.2.5:25", by: "delivery", why: "deferred")
        ])
        let staged = try queue.stageContent()
        try staged.append(Sample.content("staged", length: 3000))
        _ = try await queue.commit(
            Sample.submission("staged", to: [NewRecipient(Sample.mailbox("st"))], content: .staged(staged)))
        // Not closed: the last segment ends as a killed server leaves it.
    }

    @Test("of the present format is kept") func present() async throws {
        let name = "v\(SegmentHeader.version)"
        if Self.isWriting && !Self.versions.contains(name) {
            let directory = Self.folder.appending(path: name).path(percentEncoded: false)
            try await Self.write(directory)
            let copy = FileManager.default.temporaryDirectory.path + "/sluice-fixture-\(UUID())"
            try FileManager.default.copyItem(atPath: directory, toPath: copy)
            defer { try? FileManager.default.removeItem(atPath: copy) }  // a temporary folder
            let words = try await Self.describe(try Self.open(copy, ManualTime()))
            try words.write(toFile: directory + "/expected.txt", atomically: true, encoding: .utf8)
            for empty in ["staged", "aside"] { try FileManager.default.removeItem(atPath: directory + "/" + empty) }
        }
        #expect(Self.versions.contains(name))
    }

    @Test("is read whole, written on, and read again", arguments: versions.isEmpty ? ["v1"] : versions)
    func read(version: String) async throws {
        let source = Self.folder.appending(path: version).path(percentEncoded: false)
        let copy = FileManager.default.temporaryDirectory.path + "/sluice-fixture-\(UUID())"
        try FileManager.default.copyItem(atPath: source, toPath: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }  // a temporary folder
        let expected = try String(contentsOfFile: source + "/expected.txt", encoding: .utf8)
        let reading = try MailQueue.read(
            directory: copy, storage: FileStorage(), time: ManualTime(), recorder: RecordedHistory(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        #expect(try await Self.describe(reading) == expected)
        let queue = try Self.open(copy, ManualTime())
        #expect(queue.setAside.isEmpty)
        #expect(try await Self.describe(queue) == expected)
        let id = try await queue.commit(Sample.submission("later", .queued))[0]
        await queue.close()
        let again = try Self.open(copy, ManualTime())
        #expect(again.item(id)?.messageID == "later")
        try await again.change(id, to: .delivered)
        #expect(try await again.account().addsUp)
    }
}
