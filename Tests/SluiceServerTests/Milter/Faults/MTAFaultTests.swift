// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

/// An MTA that gives a message up, or vanishes.
@Suite("An MTA that fails", .timeLimit(.minutes(60)), .serialized) struct MTAFaultTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["SLUICE_MILTER_ROUNDS"].flatMap { Int($0) } ?? 1

    private struct Abandoned: Error {}

    private static func quarantined(_ text: String = "Hello.\r\n") throws -> MTAMessage {
        try MTAMessage(
            ScriptedStage.Script(verdict: .quarantine(reason: "held"), milliseconds: 150),
            content: "Subject: x\r\n\r\n\(text)")
    }

    @Test("one that vanishes at any step leaves no message, no descriptor and no file")
    func vanishes() async throws {
        try await MilterServer.run(listener: MilterServer.takeOver) { doors in
            _ = try await doors.send(MTAMessage())
            let descriptors = try OpenDescriptors.count
            let memory = try OpenDescriptors.residentSize
            // Past what is kept in memory: a file is begun, and has to go.
            let large = String(repeating: "0123456\r\n", count: 30_000)
            for _ in 0..<Self.rounds {
                for step in MTAStep.allCases {
                    for moment in MTAStep.Moment.allCases {
                        let hook: MTASession.Hook = { if $0 == step, $1 == moment { throw Abandoned() } }
                        let message = try Self.quarantined(step == .body || step == .endOfMessage ? large : "x\r\n")
                        do {
                            let session = try await MTASession.open(doors.address, hook: hook)
                            let outcome = await session.send(message)
                            #expect(outcome.step == step && outcome.isKept)
                            try await session.connection.close()
                        } catch is Abandoned {
                            #expect(step == .negotiation)
                        }
                    }
                }
            }
            try await OpenDescriptors.expect(atMost: descriptors)
            try await doors.server.expectNoStagedContent()
            #expect(try await doors.server.ask("account").first?["accepted"] == 0)
            #expect(try await doors.server.ask("quarantine list").isEmpty)
            let growth = try OpenDescriptors.residentSize - memory
            print("an MTA vanished \(Self.rounds * 20) times: \(growth >> 20) MiB more in memory")
            #expect(growth < 64 << 20)
            #expect(try await doors.send(MTAMessage()).isAccepted)
        }
    }

    @Test("one that aborts at any step goes on with the next message over the same connection")
    func aborts() async throws {
        try await MilterServer.run(listener: MilterServer.takeOver) { doors in
            let steps: [MTAStep] = [.recipient, .data, .header, .endOfHeader, .body, .endOfMessage]
            let current = CurrentStep()
            let session = try await MTASession.open(doors.address) { step, moment in
                if current.isAt(step), moment == .before { throw Abandoned() }
            }
            for _ in 0..<Self.rounds {
                for step in steps {
                    current.set(step)
                    let outcome = await session.send(try Self.quarantined())
                    #expect(outcome.step == step && outcome.isKept)
                    current.set(nil)
                    try await session.abort()
                    let next = await session.send(MTAMessage())
                    #expect(next.isAccepted && next.isJudged && next.violations.isEmpty)
                    let refusing = Reply(550, EnhancedStatusCode(5, 7, 1), "no")
                    let other = await session.send(try MTAMessage(ScriptedStage.Script(verdict: .refuse(refusing))))
                    #expect(other.reply.hasPrefix("550 5.7.1"))
                }
            }
            try await session.quit()
            try await doors.server.expectNoStagedContent()
            #expect(try await doors.server.ask("account").first?["accepted"] == 0)
        }
    }

    @Test("what comes again after it was taken over is one held message")
    func comesAgain() async throws {
        try await MilterServer.run(listener: MilterServer.takeOver) { doors in
            let message = try Self.quarantined()
            for _ in 0..<3 {
                let outcome = try await doors.send(message)
                #expect(outcome.disposition == .discarded)
            }
            #expect(try await doors.server.ask("quarantine list").count == 1)
            #expect(try await doors.send(try Self.quarantined("Another.\r\n")).disposition == .discarded)
            #expect(try await doors.server.ask("quarantine list").count == 2)
        }
    }
}
