// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("The probe of a relay") struct RelayProbeTests {
    /// Probes a server of that configuration whose next hop does as the script says.
    private static func probe(
        _ script: SinkScript = SinkScript(), to: String? = nil, timeout: Duration = .seconds(20),
        yaml: (Int) -> String = { TestServer.yaml(sink: $0) }
    ) async throws -> (outcome: RelayProbe.Outcome, messages: [SinkMessage]) {
        let folder = try TemporaryFolder()
        let sink = try await Sink.start(script)
        let text = yaml(sink.port)
        let configuration = try #require(
            ServerConfiguration.read(text, file: "sluice.yml", directory: folder.path).configuration)
        let outcome = try await TestServer.run(text, in: folder) { server in
            try await RelayProbe(configuration, to: to.flatMap { Mailbox($0) }, timeout: timeout, ports: server.ports)
                .run()
        }
        try await sink.stop()
        return (outcome, sink.messages)
    }

    @Test("says how long it took to be accepted and to be delivered, and what the next hop replied")
    func arrived() async throws {
        let (outcome, messages) = try await Self.probe()
        #expect(outcome.hasArrived && outcome.state == "delivered" && outcome.reason == nil)
        let (accepted, delivered) = (try #require(outcome.acceptedAfter), try #require(outcome.deliveredAfter))
        #expect(accepted >= 0 && delivered >= accepted && delivered < 20_000)
        #expect(outcome.reply?.hasPrefix("250") == true && outcome.nextHop?.contains("127.0.0.1") == true)
        #expect(outcome.line.hasPrefix("accepted in \(accepted) ms, delivered in \(delivered) ms, "))
        let message = try #require(messages.first)
        #expect(messages.count == 1 && message.recipients == ["postmaster@example.org"] && message.reversePath.isEmpty)
        #expect(message.field("Subject") == RelayProbe.subject)
        #expect(message.field("Auto-Submitted") == "auto-generated")
        #expect(message.field("Message-ID")?.hasSuffix("@mx.example.org>") == true)
        #expect(outcome.json["arrived"] == true && outcome.json["id"]?.stringValue == outcome.id)
    }

    @Test("has another Message-ID each time")
    func randomID() async throws {
        let one = try await Self.probe().messages.first?.field("Message-ID")
        let two = try await Self.probe().messages.first?.field("Message-ID")
        #expect(one != nil && two != nil && one != two)
    }

    @Test("did not arrive where the next hop puts it off past the timeout, and says with which words")
    func deferred() async throws {
        let script = SinkScript { step in if case .recipient = step { .reply("451 4.3.0 come later") } else { nil } }
        let (outcome, messages) = try await Self.probe(script, timeout: .seconds(2))
        #expect(!outcome.hasArrived && outcome.state == "queued" && messages.isEmpty)
        #expect(outcome.acceptedAfter != nil && outcome.deliveredAfter == nil)
        #expect(outcome.reason?.hasPrefix("deferred: 451 4.3.0 come later") == true, "\(outcome.reason ?? "")")
        #expect(outcome.line.contains("did not arrive: deferred: 451"))
    }

    @Test("did not arrive where the next hop refuses it: nobody is told but who probes")
    func bounced() async throws {
        let script = SinkScript { step in if case .recipient = step { .reply("550 5.1.1 nobody here") } else { nil } }
        let (outcome, messages) = try await Self.probe(script)
        #expect(!outcome.hasArrived && outcome.state == "bounced" && messages.isEmpty)
        #expect(outcome.reason?.contains("nobody here") == true)
    }

    @Test("did not arrive where the relay itself refuses it")
    func refused() async throws {
        let (outcome, messages) = try await Self.probe(to: "stranger@elsewhere.test")
        #expect(!outcome.hasArrived && outcome.id == nil && outcome.acceptedAfter == nil && messages.isEmpty)
        #expect(outcome.reason?.hasPrefix("refused: 55") == true, "\(outcome.reason ?? "")")
        let trusted = try await Self.probe(to: "stranger@elsewhere.test") {
            TestServer.yaml(sink: $0, trustedNetworks: "[127.0.0.0/8]")
        }
        #expect(trusted.outcome.hasArrived && trusted.messages.count == 1)
    }

    @Test("did not arrive where it is held for review")
    func quarantined() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "header PROBE Subject =~ /Sluice probe/\nscore PROBE 9\ndescribe PROBE a probe\n", to: "probe.cf")
        let rules = folder.path + "/probe.cf"
        let (outcome, messages) = try await Self.probe {
            TestServer.yaml(
                sink: $0, untrusted: "[{spam: {rules: [\"\(rules)\"], tag: 5, quarantine: 8, reject: 15}}]")
        }
        #expect(!outcome.hasArrived && outcome.state == "quarantined" && messages.isEmpty)
        #expect(outcome.reason?.hasPrefix("quarantined") == true)
    }

    @Test("says that no server answers, and that no listener takes mail without a login")
    func noServer() async throws {
        let folder = try TemporaryFolder()
        let silent = try #require(
            ServerConfiguration.read(TestServer.yaml(sink: 1), file: "sluice.yml", directory: folder.path).configuration
        )
        await #expect { try await RelayProbe(silent, to: nil, timeout: .seconds(5)).run() } throws: {
            guard case RelayProbe.Failure.noServer? = $0 as? RelayProbe.Failure else { return false }
            return true
        }
        var submission = silent
        submission.listeners[0].protocolName = .submission
        await #expect { try await RelayProbe(submission, to: nil, timeout: .seconds(5)).run() } throws: {
            guard case RelayProbe.Failure.noListener(let why)? = $0 as? RelayProbe.Failure else { return false }
            return why.contains("mx: submission")
        }
        var nobody = silent
        nobody.relay.postmaster = nil
        await #expect { try await RelayProbe(nobody, to: nil, timeout: .seconds(5)).run() } throws: {
            guard case RelayProbe.Failure.noRecipient? = $0 as? RelayProbe.Failure else { return false }
            return true
        }
    }

    @Test(
        "goes over loopback to a listener on all addresses",
        arguments: [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.0.2.1", "192.0.2.1")])
    func host(_ listens: String, _ expected: String) throws {
        var configuration = try #require(
            ServerConfiguration.read(TestServer.yaml(sink: 1), file: "sluice.yml", directory: "/x").configuration)
        configuration.listeners[0].host = listens
        #expect(RelayProbe.host(configuration.listeners[0]) == expected)
    }
}
