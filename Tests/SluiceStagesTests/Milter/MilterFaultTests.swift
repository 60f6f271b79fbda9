// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceFilter
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceStages

/// Whatever happens to a filter, at whatever step: the stage has failed, and its `on_error` is the verdict.
@Suite("A filter that dies", .serialized) struct MilterFaultTests {
    private typealias Fixture = MilterStageFixture

    private static let steps: [Character] = ["O", "C", "H", "M", "R", "T", "L", "N", "B", "E"]
    private static let faults: [ScriptedMilter.Reaction] = [.close, .hang, .garbage, .restart]

    private func run(_ stage: MilterStage, onError: FailurePolicy) async throws -> PipelineOutcome {
        let pipeline = try Pipeline(
            name: "test", stages: [PipelineStage(stage, onError: onError, timeout: .milliseconds(250))],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let request = PipelineRequest(
            id: "4711", now: Timestamp(seconds: 1_790_000_000), hostname: "mx.example.net",
            client: try Fixture.client(), isTrusted: false,
            envelope: Envelope(reversePath: .null, recipients: [Fixture.bert, Fixture.carl]),
            resolver: TestZone([:]))
        return await pipeline.evaluate(
            try Message(MemoryContent(Fixture.content)), request, timeout: .seconds(10))
    }

    @Test("at every step, by every fault: on_error, and never a pass", arguments: steps, faults)
    func everyStep(step: Character, fault: ScriptedMilter.Reaction) async throws {
        for (policy, disposition) in [(FailurePolicy.defer, Disposition.defer), (.refuse, .reject)] {
            let isBroken = Mutex(true)
            let milter = try await ScriptedMilter { command in
                command.code == step && isBroken.withLock { $0 } ? fault : nil
            }
            let stage = try Fixture.stage(milter)
            let outcome = try await run(stage, onError: policy)
            #expect(outcome.disposition == disposition)
            #expect(outcome.stages[0].policy == policy)
            #expect(outcome.stages[0].outcome == (fault == .hang ? .timedOut : .failed))
            #expect(outcome.stages[0].findings.map(\.name) == ["NOT_CHECKED"])
            // What is well again serves the next message, however the last one ended.
            isBroken.withLock { $0 = false }
            var next = try await run(stage, onError: policy)
            for _ in 0..<100 where next.disposition != .deliver {
                try await Task.sleep(for: .milliseconds(10))  // until it listens again
                next = try await run(stage, onError: policy)
            }
            #expect(next.disposition == .deliver)
            try await milter.stop()
        }
    }

    @Test("at every step of a second message over the same connection, too", arguments: steps.dropFirst(3))
    func secondMessage(step: Character) async throws {
        let ends = Mutex(0)
        let milter = try await ScriptedMilter { command in
            if command.code == "E" { ends.withLock { $0 += 1 } }
            // Before the first answer of a message another connection is tried: it dies as well.
            return ends.withLock { $0 } >= (step == "E" ? 2 : 1) && command.code == step ? .close : nil
        }
        let stage = try Fixture.stage(milter)
        #expect(try await run(stage, onError: .quarantine).disposition == .deliver)
        #expect(try await run(stage, onError: .quarantine).disposition == .quarantine)
        #expect(milter.connections == (step == "M" ? 2 : 1))
        try await milter.stop()
    }
}
