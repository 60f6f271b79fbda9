// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceFilter
import SluiceTesting
import Testing

@Suite("The pipeline") struct PipelineTests {
    private let anna = PipelineFixture.anna
    private let bert = PipelineFixture.bert

    @Test("that is empty delivers: a plain relay")
    func empty() async throws {
        let outcome = try await PipelineFixture.evaluate([])
        #expect(outcome.dispositions == [.deliver, .deliver])
        #expect(outcome.stages.isEmpty)
        #expect(outcome.turnedOn == nil)
    }

    @Test("runs its stages in order, each seeing the authentication results of those before")
    func order() async throws {
        let outcome = try await PipelineFixture.evaluate([
            .fixed(First.self, StageResult(authentication: [AuthenticationResult(method: "spf", result: "pass")])),
            .fixed(Second.self, StageResult(authentication: [AuthenticationResult(method: "dkim", result: "none")])),
            .scripted(Third.self) { _, context in
                StageResult(findings: context.authentication.map { Finding(name: $0.method, why: $0.result) })
            },
        ])
        #expect(outcome.stages.map(\.name) == ["first", "second", "third"])
        #expect(outcome.stages.allSatisfy { $0.outcome == .ran && $0.policy == nil })
        #expect(try outcome.record("third").findings.map(\.name) == ["spf", "dkim"])
        #expect(outcome.authentication.map(\.method) == ["spf", "dkim"])
    }

    @Test("ends at the first verdict that refuses for all", arguments: [Verdict.reject, .later])
    func refusal(_ verdict: Verdict) async throws {
        let outcome = try await PipelineFixture.evaluate([
            .fixed(First.self, StageResult(verdict: verdict)),
            .scripted(Scanner.self) { _, _ in
                Issue.record("it must not run")
                return StageResult()
            },
        ])
        #expect(outcome.disposition == verdict.disposition)
        #expect(try outcome.record("scanner").outcome == .skipped)
        #expect(try outcome.record("scanner").reason == "skipped: refused by first")
    }

    @Test("runs on after a quarantine, so that a later stage may still refuse")
    func quarantineRunsOn() async throws {
        let held = StageResult(verdict: .quarantine(reason: "held"), findings: [Finding(name: "ODD", why: "odd")])
        let outcome = try await PipelineFixture.evaluate([
            .fixed(First.self, held), .fixed(Second.self, StageResult(verdict: .reject)),
        ])
        #expect(outcome.disposition == .reject)
        #expect(outcome.recipients.map(\.standing.stage) == ["second", "second"])
        let onlyHeld = try await PipelineFixture.evaluate([.fixed(First.self, held), .scripted(Second.self)])
        #expect(onlyHeld.disposition == .quarantine)
        #expect(try onlyHeld.record("second").outcome == .ran)
        #expect(onlyHeld.turnedOn == StageFinding(stage: "first", finding: Finding(name: "ODD", why: "odd")))
    }

    @Test("runs on after a refusal for some recipients only")
    func partialRefusal() async throws {
        let outcome = try await PipelineFixture.evaluate([
            .fixed(First.self, StageResult(recipientVerdicts: [anna: .reject])), .scripted(Second.self),
        ])
        #expect(try outcome.record("second").outcome == .ran)
        #expect(outcome.dispositions == [.quarantine, .deliver])
        #expect(outcome.recipients.first?.standing.verdict == .quarantine(reason: "refused"))
    }

    @Test("skips what an accept names, or spam, but never the scanner or the signer")
    func accept() async throws {
        let others: [PipelineStage] = [
            .scripted(Second.self), .scripted(Spam.self), .scripted(Scanner.self), .scripted(Signer.self),
        ]
        let unnamed = try await PipelineFixture.evaluate(
            [.fixed(First.self, StageResult(verdict: .accept(reason: "a friend", skipping: [])))] + others)
        #expect(unnamed.stages.map(\.outcome) == [.ran, .ran, .skipped, .ran, .ran])
        #expect(try unnamed.record("spam").reason == "skipped: accepted by first: a friend")
        #expect(unnamed.disposition == .deliver)
        let named = try await PipelineFixture.evaluate(
            [
                .fixed(
                    First.self,
                    StageResult(verdict: .accept(reason: "known", skipping: ["second", "scanner", "signer"])))
            ] + others)
        #expect(named.stages.map(\.outcome) == [.ran, .skipped, .ran, .ran, .ran])
    }

    @Test("does not let an accept outweigh what another stage has against the message")
    func acceptIsNoPardon() async throws {
        let outcome = try await PipelineFixture.evaluate([
            .fixed(First.self, StageResult(verdict: .quarantine(reason: "held"))),
            .fixed(Second.self, StageResult(verdict: .accept(reason: "a friend", skipping: []))),
        ])
        #expect(outcome.disposition == .quarantine)
    }

    @Test("shows verifying stages the octets received, and the others the edits made before")
    func editsSeen() async throws {
        @Sendable func fields(_ message: Message) throws -> StageResult {
            let body = String(buffer: try message.body.readAll())
            return StageResult(
                findings: message.header.fields.map { Finding(name: $0.name, why: $0.value) } + [
                    Finding(name: "body", why: body)
                ])
        }
        let outcome = try await PipelineFixture.evaluate(
            [
                .fixed(
                    Editor.self,
                    StageResult(edits: [
                        .changeField(name: "subject", occurrence: 1, value: "[x] hello"),
                        .deleteField(name: "x-old", occurrence: 1), .replaceBody(Array("New.\r\n".utf8)),
                    ])),
                .scripted(Second.self) { message, _ in try fields(message) },
                .scripted(Verifier.self) { message, _ in try fields(message) },
            ], edits: [.addField(name: "Date", value: "now", position: nil)])
        #expect(try outcome.record("second").findings.map(\.why) == ["[x] hello", "now", "New.\r\n"])
        #expect(try outcome.record("verifier").findings.map(\.why) == ["hello", "yes", "Hello.\r\n"])
        #expect(outcome.edits.count == 4)
        #expect(outcome.edits.first == .addField(name: "Date", value: "now", position: nil))
    }

    @Test("records what each stage asked of the DNS and which database it used")
    func evidence() async throws {
        let zone = TestZone(["example.org": ["TXT v=spf1 -all"], "slow.test": ["TIMEOUT"]])
        let outcome = try await PipelineFixture.evaluate(
            [
                .scripted(First.self) { _, context in
                    _ = await context.resolver.resolve(DNSQuestion("example.org", .txt))
                    _ = await context.resolver.resolve(DNSQuestion("slow.test", .a))
                    return StageResult()
                },
                .scripted(Second.self) { _, context in
                    context.note(.database(name: "main", version: "27000"))
                    return StageResult()
                },
            ], resolver: zone)
        let first = try outcome.record("first").evidence
        #expect(first.count == 2)
        guard case .dns(let question, let answer)? = first.first else { throw Failing.Broken() }
        #expect(question == DNSQuestion("example.org", .txt))
        #expect(answer.records == [.text([Array("v=spf1 -all".utf8)])])
        #expect(answer.timeToLive > 0)
        #expect(first.last == .dns(DNSQuestion("slow.test", .a), DNSAnswer(.timedOut)))
        #expect(try outcome.record("second").evidence == [.database(name: "main", version: "27000")])
    }

    @Test("records at most so much evidence a stage")
    func evidenceLimit() async throws {
        let outcome = try await PipelineFixture.evaluate([
            .scripted(First.self) { _, context in
                for number in 0..<2000 { context.note(.database(name: "d", version: "\(number)")) }
                return StageResult()
            }
        ])
        #expect(try outcome.record("first").evidence.count == 512)
    }

    @Test("shows a stage that had nothing to do as skipped, and keeps no score of it")
    func skippedByItself() async throws {
        let outcome = try await PipelineFixture.evaluate([
            .fixed(First.self, StageResult(skipped: "skipped: trusted client"))
        ])
        #expect(try outcome.record("first").outcome == .skipped)
        #expect(try outcome.record("first").reason == "skipped: trusted client")
        #expect(outcome.score == nil)
    }

    @Test("keeps the score of the stage that has one, and turns on its weightiest finding")
    func score() async throws {
        let outcome = try await PipelineFixture.evaluate([
            .fixed(
                Spam.self,
                StageResult(
                    verdict: .reject,
                    findings: [
                        Finding(name: "SMALL", score: 1, why: ""), Finding(name: "GREAT", score: 9, why: ""),
                        Finding(name: "GOOD", score: -3, why: ""),
                    ], score: StageResult.Score(score: 7, required: 5)))
        ])
        #expect(outcome.score == StageResult.Score(score: 7, required: 5))
        #expect(outcome.turnedOn?.finding.name == "GREAT")
    }
}
