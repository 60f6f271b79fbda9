// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceFilter
import SluiceNative
import Testing

@testable import SluiceStages

@Suite("The spam stage and limits.nesting")
struct SpamNestingTests {
    /// So many multiparts inside one another around a text; the message itself is at depth 1, the text the deepest.
    private func message(depth: Int, subject: String) throws -> Message {
        var text = "From: ann@example.org\r\nSubject: \(subject)\r\nMIME-Version: 1.0\r\n"
        for level in 1..<depth { text += "Content-Type: multipart/mixed; boundary=b\(level)\r\n\r\n--b\(level)\r\n" }
        text += "Content-Type: text/plain\r\n\r\nhello\r\n"
        for level in stride(from: depth - 1, to: 0, by: -1) { text += "--b\(level)--\r\n" }
        return try Message(MemoryContent(text))
    }

    private func evaluate(_ message: Message, nesting: Int) async throws -> StageResult {
        let rule = "header SPAM Subject =~ /cheap/\ndescribe SPAM The Subject offers cheap things\nscore SPAM 9"
        let configuration = SpamStage.Configuration(
            rules: RuleSet([RuleFile(reading: Array(rule.utf8), file: "a.cf")]),
            thresholds: SpamThresholds(tag: 5, quarantine: 8, reject: 15))
        let services = StageServices(
            resolver: ZoneResolver([:]), time: SystemTime(), logger: Logger(label: "test"), pool: CPUPool(threads: 1),
            workers: nil)
        let context = StageContext(
            id: "1", now: Timestamp(seconds: 1_795_500_000), hostname: "mx.example.net",
            client: ClientInfo(address: .unspecified), isTrusted: false, hasClientAddress: false,
            envelope: Envelope(reversePath: .null, recipients: [Mailbox(localPart: "bob", domain: "example.net")]),
            nesting: nesting, resolver: services.resolver)
        return try await SpamStage(configuration: configuration, services: services).evaluate(message, in: context)
    }

    @Test("a message nested as deep as the limit is judged", arguments: [9, 10])
    func atTheLimit(depth: Int) async throws {
        #expect(try await evaluate(message(depth: depth, subject: "minutes"), nesting: 10).verdict == .pass)
    }

    @Test("one nested deeper has not been judged: the stage fails")
    func pastTheLimit() async throws {
        let message = try message(depth: 11, subject: "minutes")
        await #expect(throws: SpamStageError.unread) { try await evaluate(message, nesting: 10) }
    }

    @Test("but what was read of it may suffice for a verdict")
    func sufficient() async throws {
        let result = try await evaluate(message(depth: 11, subject: "cheap watches"), nesting: 10)
        #expect(result.verdict.word == "quarantine")
    }

    @Test("what could not be judged is held, unless the configuration says otherwise")
    func policy() { #expect(SpamStage.defaults.onError == .quarantine) }
}
