// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceFilter
import SluiceTesting
import Testing

/// Runs scripted stages over a message.
enum PipelineFixture {
    static let anna = Mailbox(localPart: "anna", domain: "example.org")
    static let bert = Mailbox(localPart: "bert", domain: "example.org")
    static let content = "Subject: hello\r\nX-Old: yes\r\n\r\nHello.\r\n"

    static func pipeline(_ stages: [PipelineStage], log: LogLines? = nil) throws -> Pipeline {
        let logger = Logger(label: "test") { _ in
            if let log { CollectingLogHandler(lines: log) } else { SwiftLogNoOpLogHandler() }
        }
        return try Pipeline(name: "test", stages: stages, logger: logger)
    }

    static func evaluate(
        _ stages: [PipelineStage], recipients: [Mailbox] = [anna, bert], edits: [MessageEdit] = [],
        resolver: any Resolver = TestZone([:]), timeout: Duration = .seconds(10), log: LogLines? = nil
    ) async throws -> PipelineOutcome {
        let request = PipelineRequest(
            id: "1", now: Timestamp(seconds: 1_790_000_000), hostname: "mx.example.org",
            client: ClientInfo(address: try #require(IPAddress("192.0.2.1"))), isTrusted: false,
            envelope: Envelope(reversePath: .null, recipients: recipients), resolver: resolver, edits: edits)
        return try await pipeline(stages, log: log).evaluate(Message(MemoryContent(content)), request, timeout: timeout)
    }
}

extension PipelineOutcome {
    /// The outcome of the stage of that name.
    func record(_ name: String) throws -> StageRecord { try #require(stages.first { $0.name == name }) }
    var dispositions: [Disposition] { recipients.map(\.standing.verdict.disposition) }
}

extension Verdict {
    static let reject = Verdict.refuse(Reply(550, EnhancedStatusCode(5, 7, 1), "refused"))
    static let later = Verdict.refuse(Reply(451, EnhancedStatusCode(4, 7, 1), "later"))
}
