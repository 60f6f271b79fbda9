// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import SluiceCore
import SluiceFilter
import SluiceNative
import Testing

@testable import SluiceStages

@Suite("The spam stage")
struct SpamStageTests {
    private static let rules = RuleSet([
        RuleFile(
            reading: Array("body WORDS /minutes/\ndescribe WORDS Minutes are spoken of\nscore WORDS 9".utf8),
            file: "a.cf")
    ])

    private func evaluate(
        _ configuration: SpamStage.Configuration, _ mail: SampleMail = SampleMail(),
        recipients: [String] = ["bob@example.net"]
    ) async throws -> StageResult {
        let services = StageServices(
            resolver: ZoneResolver([:]), time: SystemTime(), logger: Logger(label: "test"), pool: CPUPool(threads: 1),
            workers: nil)
        let stage = try SpamStage(configuration: configuration, services: services)
        let client = ClientInfo(address: try #require(IPAddress("192.0.2.1")))
        let envelope = Envelope(
            reversePath: .mailbox(try #require(Mailbox("ann@example.org"))),
            recipients: recipients.compactMap { Mailbox($0) })
        let context = StageContext(
            id: "1", now: SampleMail.now, hostname: "mx.example.net", client: client, isTrusted: false,
            envelope: envelope,
            resolver: services.resolver)
        return try await stage.evaluate(mail.message(), in: context)
    }

    @Test(
        "the score decides: pass, tag, quarantine, reject",
        arguments: [
            (10.0, 20.0, 30.0, "pass"), (5, 10, 20, "pass"), (5, 9, 20, "quarantine"), (5, 8, 9, "reject"),
        ])
    func thresholds(_ tag: Double, _ quarantine: Double, _ reject: Double, _ word: String) async throws {
        let thresholds = SpamThresholds(tag: tag, quarantine: quarantine, reject: reject)
        let result = try await evaluate(.init(rules: Self.rules, thresholds: thresholds))
        #expect(result.verdict.word == word)
        #expect(result.score == StageResult.Score(score: 9, required: tag))
        #expect(result.edits.isEmpty)
    }

    @Test("the client reads the category; the record has rule, score and evidence")
    func words() async throws {
        let result = try await evaluate(
            .init(rules: Self.rules, thresholds: SpamThresholds(tag: 5, quarantine: 8, reject: 9)))
        #expect(result.verdict == .refuse(Reply(550, EnhancedStatusCode(5, 7, 1), "held to be spam")))
        #expect(result.findings.map(\.name) == ["WORDS"])
        #expect(result.findings.map(\.score) == [9])
        #expect(result.findings.first?.why.hasPrefix("Minutes are spoken of: “") == true)
    }

    @Test("thresholds by recipient: the address before the domain before the common ones")
    func byRecipient() async throws {
        let configuration = SpamStage.Configuration(
            rules: Self.rules,
            recipients: [
                "bob@example.net": SpamThresholds(tag: 50, quarantine: 60, reject: 70),
                "example.net": SpamThresholds(tag: 1, quarantine: 2, reject: 3),
            ])
        let result = try await evaluate(
            configuration, recipients: ["Bob@example.net", "carol@example.net", "dan@example.com"])
        #expect(result.verdict.word == "quarantine")
        let words = result.recipientVerdicts.map { ("\($0.key)", $0.value.word) }.sorted { $0.0 < $1.0 }
        #expect(words.map(\.0) == ["Bob@example.net", "carol@example.net"])
        #expect(words.map(\.1) == ["pass", "reject"])
    }

    @Test("the test string of spam filters is refused by the embedded rules")
    func gtube() async throws {
        let mail = SampleMail(text: "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X")
        let result = try await evaluate(.init(), mail)
        #expect(result.verdict.word == "reject")
        #expect(result.score?.score == 1000)
        #expect(try await evaluate(.init()).verdict == .pass)
    }

    @Test("what was not looked at is a finding without a score")
    func givenUp() async throws {
        let rules = RuleSet([RuleFile(reading: Array("body SLOW /^(?:a+)+$/".utf8), file: "a.cf")])
        let mail = SampleMail(
            text: String(repeating: "a", count: 2000) + "!" + String(repeating: "word ", count: 120_000))
        let result = try await evaluate(.init(rules: rules), mail)
        #expect(result.findings.map(\.name) == ["SLOW", "TEXT_NOT_WHOLE"])
        #expect(result.findings.allSatisfy { $0.score == 0 })
        #expect(result.findings.first?.why.contains("given up") == true)
        #expect(result.score?.score == 0)
    }

    private func configuration(_ entries: [(String, ConfigurationNode.Value)], directory: String = "") -> (
        [String], SpamStage.Configuration
    ) {
        let mark = SourceMark(file: "sluice.yml", line: 3, column: 5)
        let node = ConfigurationNode(
            mark: mark, value: .mapping(entries.map { ($0.0, mark, ConfigurationNode(mark: mark, value: $0.1)) }))
        let reader = ConfigurationReader(directory: directory)
        let section = ConfigurationSection(node, path: "spam", reader: reader, mark: mark)
        let configuration = SpamStage.Configuration(reading: section)
        section.finish()
        return (reader.diagnostics.map(\.description), configuration)
    }

    @Test("the configuration has defaults, and names what is wrong")
    func configuration() {
        let mark = SourceMark(file: "sluice.yml", line: 3, column: 5)
        let (none, standard) = configuration([])
        #expect(none == [])
        #expect(standard.thresholds == SpamThresholds(tag: 5, quarantine: 8, reject: 15))
        #expect(standard.rules.count == EmbeddedRules.ruleSet.count)
        let (order, _) = configuration([("tag", .scalar("9", isPlain: true))])
        #expect(order == ["sluice.yml:3:5: tag is 9.0, at most quarantine (8.0) would be right"])
        let (unknown, _) = configuration([("quarantene", .scalar("9", isPlain: true))])
        #expect(unknown.first?.contains("did you mean quarantine?") == true)
        let (missing, _) = configuration([("rules", .scalar("/nowhere/rules", isPlain: true))])
        #expect(missing == ["sluice.yml:3:5: /nowhere/rules: no such file or folder of rules"])
        let entry = ConfigurationNode(
            mark: mark,
            value: .mapping([("reject", mark, ConfigurationNode(mark: mark, value: .scalar("9", isPlain: true)))]))
        let (good, byRecipient) = configuration([("recipients", .mapping([("Bob@Example.net", mark, entry)]))])
        #expect(good == [])
        #expect(byRecipient.recipients == ["bob@example.net": SpamThresholds(tag: 5, quarantine: 8, reject: 9)])
    }

    @Test("mistakes in rule files are reported with their place there")
    func ruleFiles() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-rules-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("body A /a/\n".utf8).write(to: URL(fileURLWithPath: folder + "/a.cf"))
        try Data("body B /(/\nfull C /x/\n".utf8).write(to: URL(fileURLWithPath: folder + "/b.cf"))
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: folder + "/notes.txt"))
        let (diagnostics, found) = configuration([("rules", .scalar(".", isPlain: true))], directory: folder)
        #expect(diagnostics.count == 2)
        #expect(diagnostics.contains { $0.contains("/b.cf:2:1: warning: full is not there yet") })
        #expect(diagnostics.contains { $0.contains("/b.cf:1:10: the regular expression is wrong") })
        #expect(found.rules.count == 1)
    }
}
