// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter
import Synchronization
import Testing

/// The ways in which a stage can leave a message unchecked.
enum Failing: String, CaseIterable, Sendable {
    case throwsAnError
    case hangs
    case ignoresCancellation
    case cutOffByThePipeline
    case neverStarted

    struct Broken: Error, CustomStringConvertible { var description: String { "the engine is broken" } }

    var outcome: StageRecord.Outcome { self == .throwsAnError ? .failed : .timedOut }

    var reason: String {
        switch self {
        case .throwsAnError: "the engine is broken"
        case .hangs, .ignoresCancellation: "no answer within 30ms"
        case .cutOffByThePipeline, .neverStarted: "the chain's time was up"
        }
    }

    var stageTimeout: Duration {
        switch self {
        case .hangs, .ignoresCancellation: .milliseconds(30)
        case .throwsAnError, .cutOffByThePipeline, .neverStarted: .seconds(20)
        }
    }

    var pipelineTimeout: Duration {
        switch self {
        case .cutOffByThePipeline, .neverStarted: .milliseconds(300)
        case .throwsAnError, .hangs, .ignoresCancellation: .seconds(20)
        }
    }

    /// What the stage does instead of its work.
    func fail() async throws -> StageResult {
        switch self {
        case .throwsAnError: throw Broken()
        case .ignoresCancellation:
            // As a call in C does: it goes on, whatever became of its task.
            _ = await Task.detached { try? await Task.sleep(for: .seconds(3)) }.value
        case .hangs, .cutOffByThePipeline, .neverStarted: try await Task.sleep(for: .seconds(20))
        }
        return StageResult(
            verdict: .refuse(Reply(550, nil, "too late")), findings: [Finding(name: "LATE", score: 100, why: "late")])
    }
}

@Suite("A stage that fails", .serialized) struct PipelineFailureTests {
    private static let everyCase = Failing.allCases.flatMap { way in FailurePolicy.allCases.map { (way, $0) } }

    private func disposition(_ policy: FailurePolicy) -> Disposition {
        switch policy {
        case .defer: .defer
        case .quarantine: .quarantine
        case .refuse: .reject
        case .pass: .deliver
        }
    }

    private func evaluate(_ way: Failing, _ policy: FailurePolicy) async throws -> (PipelineOutcome, wasStarted: Bool) {
        let started = Mutex(false)
        let failing = PipelineStage.scripted(Second.self, onError: policy, timeout: way.stageTimeout) { _, _ in
            started.withLock { $0 = true }
            return try await way.fail()
        }
        let before = PipelineStage.scripted(First.self, onError: .pass) { _, _ in
            // It eats the chain's time, so that the next is never started.
            if way == .neverStarted { try await Task.sleep(for: .seconds(20)) }
            return StageResult()
        }
        let outcome = try await PipelineFixture.evaluate(
            [before, failing, .scripted(Third.self, onError: .pass)], timeout: way.pipelineTimeout)
        return (outcome, started.withLock { $0 })
    }

    @Test(
        "leads to the outcome that its on_error declares, whatever way it fails, and is told in the record",
        arguments: everyCase)
    func declaredOutcome(_ way: Failing, _ policy: FailurePolicy) async throws {
        let (outcome, wasStarted) = try await evaluate(way, policy)
        #expect(outcome.disposition == disposition(policy))
        #expect(outcome.dispositions == [disposition(policy), disposition(policy)])
        #expect(wasStarted == (way != .neverStarted))
        let record = try outcome.record("second")
        #expect(record.outcome == way.outcome)
        #expect(record.policy == policy)
        #expect(record.reason == way.reason)
        #expect(record.verdict.disposition == disposition(policy))
        #expect(record.findings.map(\.name) == ["NOT_CHECKED"])
        #expect(record.findings.first?.score == 0)
        #expect(outcome.score == nil)
        let third = try outcome.record("third")
        switch policy {
        case .defer, .refuse:
            // It ends the chain.
            #expect(third.outcome == .skipped)
            #expect(third.reason == "skipped: refused by second")
        case .quarantine, .pass:
            // Where the chain's time is up, no stage runs any more: its own policy applies.
            #expect(third.outcome == (way.pipelineTimeout < .seconds(1) ? .timedOut : .ran))
        }
    }

    @Test("is told to the client by code and category, and never by the error's own text")
    func replies() async throws {
        let (deferred, _) = try await evaluate(.throwsAnError, .defer)
        #expect(
            deferred.recipients.first?.standing.verdict
                == .refuse(
                    Reply(451, EnhancedStatusCode(4, 7, 0), "could not be checked now (second), try again later")))
        let (refused, _) = try await evaluate(.throwsAnError, .refuse)
        #expect(
            refused.recipients.first?.standing.verdict
                == .refuse(Reply(554, EnhancedStatusCode(5, 7, 0), "could not be checked (second)")))
    }

    @Test("turns the decision on its finding \"not checked\"")
    func turnedOn() async throws {
        let (held, _) = try await evaluate(.hangs, .quarantine)
        #expect(held.turnedOn?.stage == "second")
        #expect(held.turnedOn?.finding.name == "NOT_CHECKED")
        #expect(held.turnedOn?.finding.why == "not checked by second: it timed out")
        let (passed, _) = try await evaluate(.throwsAnError, .pass)
        #expect(passed.turnedOn == nil)
        #expect(try passed.record("second").findings.first?.why == "not checked by second: it failed")
    }

    @Test("does not hold up the chain past its own time-out")
    func bounded() async throws {
        let start = ContinuousClock.now
        _ = try await evaluate(.ignoresCancellation, .pass)
        #expect(ContinuousClock.now - start < .seconds(2))
    }

    @Test("leaves no edit behind, and what came before it stands")
    func nothingHalfDone() async throws {
        let outcome = try await PipelineFixture.evaluate([
            .fixed(First.self, StageResult(edits: [.addField(name: "X-First", value: "1", position: nil)])),
            .scripted(Second.self, onError: .pass) { _, _ in throw Failing.Broken() },
            .scripted(Third.self) { message, _ in
                StageResult(findings: message.header.fields.map { Finding(name: $0.name, why: "") })
            },
        ])
        #expect(outcome.edits == [.addField(name: "X-First", value: "1", position: nil)])
        #expect(try outcome.record("second").edits.isEmpty)
        #expect(try outcome.record("third").findings.map(\.name) == ["Subject", "X-Old", "X-First"])
    }

    @Test("keeps the evidence that it had by then")
    func evidence() async throws {
        let outcome = try await PipelineFixture.evaluate([
            .scripted(First.self, onError: .pass) { _, context in
                _ = await context.resolver.resolve(DNSQuestion("example.org", .mx))
                throw Failing.Broken()
            }
        ])
        #expect(try outcome.record("first").evidence == [.dns(DNSQuestion("example.org", .mx), DNSAnswer(.nameError))])
    }

    @Test("is told in the log, with the id, and one that ran or was skipped is not")
    func logged() async throws {
        let log = LogLines()
        _ = try await PipelineFixture.evaluate(
            [
                .scripted(First.self), .fixed(Spam.self, StageResult(skipped: "skipped: trusted client")),
                .scripted(Second.self, onError: .pass) { _, _ in throw Failing.Broken() },
            ], log: log)
        #expect(
            log.all == [
                "warning: stage did not check the message id=1 outcome=failed policy=pass "
                    + "reason=the engine is broken stage=second"
            ])
    }

    @Test("has a default policy and time-out of its type")
    func defaults() {
        let stage = PipelineStage.scripted(First.self)
        #expect(stage.onError == .defer)
        #expect(stage.timeout == .seconds(30))
    }
}
