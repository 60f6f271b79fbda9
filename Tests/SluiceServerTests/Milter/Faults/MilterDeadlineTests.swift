// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

/// The MTA never runs into its own time-out.
@Suite("The chain's deadline behind a milter", .timeLimit(.minutes(2))) struct MilterDeadlineTests {
    /// Sendmail waits ten seconds for a packet.
    @Test("a stage that works for longer than the MTA waits for a packet: progress arrives, then the answer")
    func progress() async throws {
        try await MilterServer.run { doors in
            let session = try await MTASession.open(doors.address, timeout: .seconds(1), contentTimeout: .seconds(6))
            let outcome = await session.send(try MTAMessage(ScriptedStage.Script(milliseconds: 7000)))
            #expect(outcome.isAccepted && outcome.isJudged && outcome.violations.isEmpty)
            #expect(outcome.progress >= 1 && outcome.longestSilence < .seconds(6))
            try await session.quit()
        }
    }

    @Test("a stage that works for longer than the chain has: its on_error applies")
    func onError() async throws {
        try await MilterServer.run(more: "limits: {pipeline_timeout: 1s}") { doors in
            let start = ContinuousClock.now
            let outcome = try await doors.send(try MTAMessage(ScriptedStage.Script(milliseconds: 60_000)))
            #expect(outcome.reply.hasPrefix("451 4.7.0") && outcome.isKept && outcome.violations.isEmpty)
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test("an MTA that goes away while a stage works leaves no message")
    func gone() async throws {
        try await MilterServer.run(listener: MilterServer.takeOver) { doors in
            let session = try await MTASession.open(doors.address, contentTimeout: .milliseconds(200))
            let script = ScriptedStage.Script(verdict: .quarantine(reason: "held"), milliseconds: 800)
            #expect(await session.send(try MTAMessage(script)).disposition == .failed(.timedOut))
            try await session.connection.close()
            try await doors.server.expectNoStagedContent()
            try await Task.sleep(for: .milliseconds(1000))  // until the stage would have ended
            #expect(try await doors.server.ask("account").first?["accepted"] == 0)
        }
    }
}
