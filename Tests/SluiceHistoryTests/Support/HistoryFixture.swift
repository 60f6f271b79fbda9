// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore

@testable import SluiceHistory

/// A history in a folder of its own, which goes with it.
final class HistoryFixture {
    let directory: String
    private let fileLimit: UInt64
    private let pendingLimit: Int

    init(fileLimit: UInt64 = 64 << 20, pendingLimit: Int = 1000) {
        directory = NSTemporaryDirectory() + "sluice-history-" + UUID().uuidString
        self.fileLimit = fileLimit
        self.pendingLimit = pendingLimit
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)  // the system clears it else
    }

    func open() throws -> History {
        try History(
            directory: directory, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            fileLimit: fileLimit, pendingLimit: pendingLimit)
    }

    var files: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".jsonl") }.sorted()
                .map { directory + "/" + $0 }
        }
    }

    var index: String { directory + "/index.sqlite" }

    /// What the files hold, all lines.
    var lines: [String] {
        get throws {
            try files.flatMap {
                try String(contentsOfFile: $0, encoding: .utf8).split(separator: "\n").map(String.init)
            }
        }
    }

    func remove(index suffixes: [String] = ["", "-wal", "-shm"]) throws {
        for suffix in suffixes where FileManager.default.fileExists(atPath: index + suffix) {
            try FileManager.default.removeItem(atPath: index + suffix)
        }
    }

    static let start = Timestamp(seconds: 1_790_000_000)
    static let anna = Mailbox(localPart: "Anna", domain: "example.org")

    static func decision(
        _ id: String, _ disposition: Disposition = .deliver, after seconds: Int64 = 0, sender: String = "sender@a.test",
        recipients: [Mailbox] = [anna], client: String = "192.0.2.1", name: String? = nil, helo: String? = nil,
        messageID: String? = nil
    ) -> DecisionRecord {
        DecisionRecord(
            id: id, time: start + .seconds(seconds), listener: "mx", pipeline: "inbound",
            client: ClientInfo(address: IPAddress(client) ?? .unspecified, name: name, helo: helo),
            reversePath: Mailbox(sender).map { .mailbox($0) } ?? .null,
            recipients: recipients.map { RecipientDecision(address: $0, disposition: disposition) },
            messageID: messageID, size: 1000, disposition: disposition,
            reply: Reply(disposition >= .defer ? 550 : 250, EnhancedStatusCode(2, 0, 0), "said"), score: 1.5,
            required: 5,
            turnedOn: StageFinding(stage: "spam", finding: Finding(name: "ODD", score: 1.5, why: "odd")),
            stages: [
                StageRecord(
                    name: "spf", outcome: .ran,
                    evidence: [.dns(DNSQuestion("a.test", .txt), DNSAnswer(.records, [.text([[0xFF]])]))])
            ],
            edits: [.addField(name: "X", value: "y", position: 0)])
    }

    static func step(
        _ id: String, _ state: RecipientStep.State, after seconds: Int64 = 0, attempts: Int = 0
    ) -> RecipientStep {
        RecipientStep(
            messageID: id, queueID: "q1", address: anna, state: state, time: start + .seconds(seconds), by: "delivery",
            why: "", reply: "250 ok", nextHop: "192.0.2.5:25", attempts: attempts)
    }
}
