// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import NIOSSL
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceSMTP

@Suite("Client connection, against a scripted server", .timeLimit(.minutes(1)))
struct SMTPClientConnectionTests {
    typealias Step = ScriptedServer.Step

    private static let hello: [Step] = [
        .send("220 mail ESMTP\r\n"), .expect("EHLO relay.example"), .send("250 mail\r\n"),
    ]
    private static let envelope: [Step] = [.expect("MAIL"), .send("250 ok\r\n"), .expect("RCPT"), .send("250 ok\r\n")]
    private static let data: [Step] = [.expect("DATA"), .send("354 go\r\n"), .content]

    private func configuration(
        tls: ClientTLSMode = .none, trust: NIOSSLTrustRoots = .default, kind: ClientStateMachine.Kind = .smtp,
        timeout: Duration = .seconds(20)
    ) throws -> ClientConfiguration {
        ClientConfiguration(
            kind: kind, greetingName: "relay.example", tls: tls, contexts: try ClientTLSContexts(trustRoots: trust),
            timeouts: ClientTimeouts(connect: .seconds(20), command: timeout))
    }

    private func transaction(_ content: any ContentSource, recipients: Int = 1) -> ClientTransaction {
        ClientTransaction(
            envelope: ClientEnvelope(
                reversePath: .mailbox(Mailbox(localPart: "a", domain: "example.org")),
                recipients: (0..<recipients).map { Mailbox(localPart: "r\($0)", domain: "example.net") }),
            content: content)
    }

    /// Plays a script against one transaction.
    private func send(
        _ script: [Step], recipients: Int = 1, kind: ClientStateMachine.Kind = .smtp,
        timeout: Duration = .seconds(20)
    ) async throws
        -> (outcome: TransactionOutcome?, failure: ConnectionFailure?, record: ScriptedServer.Record)
    {
        let server = try await ScriptedServer([script])
        let result = await SMTPClientConnection.connect(
            to: try server.address, name: nil, configuration: try configuration(kind: kind, timeout: timeout),
            on: MultiThreadedEventLoopGroup.singleton)
        defer { Task { try await server.stop() } }
        switch result {
        case .failure(let failure): return (nil, failure, server.record)
        case .success(let connection):
            let outcome = await connection.send(transaction(MemoryContent("A: b\r\n\r\nx\r\n"), recipients: recipients))
            connection.quit()
            return (outcome, nil, server.record)
        }
    }

    @Test("a message is delivered, and the server gets its octets, 8-bit ones too")
    func delivered() async throws {
        let octets = ByteBuffer(
            bytes: Array("A: b\r\n\r\n.dot\r\n".utf8) + [0xFF, 0x80, 0xC3] + Array("\r\n..\r\nend".utf8))
        let server = try await ScriptedServer([ScriptedServer.polite(extensions: ["PIPELINING"], messages: 2)])
        let connection = try await SMTPClientConnection.connect(
            to: try server.address, name: nil, configuration: try configuration(),
            on: MultiThreadedEventLoopGroup.singleton
        ).get()
        for _ in 0..<2 {
            let outcome = await connection.send(transaction(MemoryContent(octets)))
            #expect(outcome.recipients == [.delivered(Reply(250, EnhancedStatusCode(2, 0, 0), "taken"))])
        }
        connection.quit()
        var sent = ByteBuffer(string: "A: b\r\n\r\n..dot\r\n")
        sent.writeBytes([0xFF, 0x80, 0xC3])
        sent.writeString("\r\n...\r\nend\r\n.\r\n")
        #expect(server.record.contents == [sent, sent])
        #expect(server.record.connections == 1)
        #expect(server.record.surprises == [])
        try await server.stop()
    }

    /// Content that is not in memory.
    private struct SlowContent: ContentSource {
        let length: Int
        var breaksAt = Int.max
        func read(at offset: Int, count: Int) throws -> ByteBuffer {
            if offset + count > breaksAt {
                throw StorageError(call: "pread", path: "content", code: 5, meaning: "Input/output error")
            }
            var octets = ByteBuffer()
            let line = "0123456789.123456789.123456789.123456789.123456789.123456789\r\n.\r\n"
            while octets.readableBytes < min(count, length - offset) {
                octets.writeString(line)
            }
            return octets.getSlice(at: 0, length: min(count, length - offset)) ?? octets
        }
    }

    @Test("large content is streamed from where it lies")
    func large() async throws {
        let server = try await ScriptedServer([ScriptedServer.polite()])
        let connection = try await SMTPClientConnection.connect(
            to: try server.address, name: nil, configuration: try configuration(),
            on: MultiThreadedEventLoopGroup.singleton
        ).get()
        let outcome = await connection.send(transaction(SlowContent(length: 3_000_000)))
        #expect(outcome.recipients == [.delivered(Reply(250, EnhancedStatusCode(2, 0, 0), "taken"))])
        #expect((server.record.contents.first?.readableBytes ?? 0) > 3_000_000)
        connection.quit()
        try await server.stop()
    }

    @Test("content that can't be read to its end never gets a final dot")
    func unreadable() async throws {
        let server = try await ScriptedServer([ScriptedServer.polite()])
        let connection = try await SMTPClientConnection.connect(
            to: try server.address, name: nil, configuration: try configuration(),
            on: MultiThreadedEventLoopGroup.singleton
        ).get()
        let outcome = await connection.send(transaction(SlowContent(length: 1_000_000, breaksAt: 500_000)))
        guard case .deferred(.local(let status, _)) = outcome.recipients.first else {
            Issue.record("\(outcome)")
            return
        }
        #expect(status == EnhancedStatusCode(4, 3, 0))
        #expect(server.record.contents.isEmpty)
        try await server.stop()
    }

    @Test("a server that does not answer, hangs up or babbles leaves no session", arguments: 0..<7)
    func noSession(_ index: Int) async throws {
        let scripts: [[Step]] = [
            [.close], [.silence], [.send("554 no\r\n")], [.send("hello\r\n"), .silence], [.send("220 half"), .silence],
            [.send("220 x\r\n"), .expect("EHLO"), .close], [.send("220 x\r\n"), .expect("EHLO"), .silence],
        ]
        let (_, failure, _) = try await send(
            scripts[index], timeout: [1, 4, 6].contains(index) ? .milliseconds(300) : .seconds(20))
        #expect(failure != nil)
        if index == 2 { #expect(failure?.failure == .reply(Reply(554, nil, "no"))) }
    }

    @Test(
        "hung up, silent, babbling, half a reply or too many at any step: each recipient has one outcome, no delivery")
    func everyStep() async throws {
        let steps: [[Step]] = [[], Array(Self.envelope[..<2]), Self.envelope, Self.envelope + Self.data]
        let ends: [[Step]] = [
            [.close], [.silence], [.send("what\r\n"), .silence], [.send("250-half"), .silence],
            [.send("421 bye\r\n"), .close],
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, step) in steps.enumerated() {
                for (index, end) in ends.enumerated() {
                    group.addTask {
                        let wait: [Step] = place == 3 ? [] : [.expect(["MAIL", "RCPT", "DATA"][place])]
                        let (outcome, failure, _) = try await send(
                            Self.hello + step + wait + end,
                            timeout: [1, 3].contains(index) ? .seconds(2) : .seconds(20))
                        #expect(failure == nil)
                        #expect(outcome?.recipients.count == 1)
                        guard case .deferred(let why) = outcome?.recipients.first else {
                            Issue.record("step \(place), end \(index): \(String(describing: outcome))")
                            return
                        }
                        if index == 4 { #expect(why == .reply(Reply(421, nil, "bye"))) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("4yz and 5yz at each step are what the recipient gets", arguments: [450, 550], 0..<4)
    func refused(_ code: Int, _ place: Int) async throws {
        let steps: [[Step]] = [
            [.expect("MAIL")], Array(Self.envelope[..<3]), Self.envelope + [.expect("DATA")], Self.envelope + Self.data,
        ]
        let (outcome, _, _) = try await send(Self.hello + steps[place] + [.send("\(code) no\r\n"), .silence])
        let failure = DeliveryFailure.reply(Reply(code, nil, "no"))
        #expect(outcome?.recipients == [code == 450 ? .deferred(failure) : .failed(failure)])
    }

    @Test("a server that sends the reply to the dot before the dot is not believed")
    func replyInAdvance() async throws {
        let script = Self.hello + Self.envelope + [.expect("DATA"), .send("354 go\r\n250 taken\r\n"), .silence]
        let (outcome, _, _) = try await send(script)
        guard case .deferred(.local) = outcome?.recipients.first else {
            Issue.record("\(String(describing: outcome))")
            return
        }
    }

    @Test("a line without a reply code after the dot, then 221: no delivery, and QUIT was not sent")
    func quitTrap() async throws {
        let script = Self.hello + Self.envelope + Self.data + [.send("queued as 1\r\n221 bye\r\n"), .close]
        let (outcome, _, record) = try await send(script)
        guard case .deferred = outcome?.recipients.first else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(!record.lines.contains { $0.hasPrefix("QUIT") })
    }

    @Test("a server that closes right after its reply to the dot has taken the message")
    func closesAfterDot() async throws {
        let script = Self.hello + Self.envelope + Self.data + [.send("250 taken\r\n"), .close]
        let (outcome, _, _) = try await send(script)
        #expect(outcome?.recipients == [.delivered(Reply(250, nil, "taken"))])
    }

    @Test("over LMTP each recipient has its own outcome")
    func lmtp() async throws {
        let script: [Step] = [
            .send("220 x\r\n"), .expect("LHLO"), .send("250-x\r\n250 PIPELINING\r\n"), .expect("MAIL"),
            .send("250 ok\r\n"), .expect("RCPT"), .send("250 ok\r\n"), .expect("RCPT"), .send("550 no\r\n"),
            .expect("RCPT"), .send("250 ok\r\n"), .expect("DATA"), .send("354 go\r\n"), .content,
            .send("250 first\r\n452 third\r\n"), .silence,
        ]
        let (outcome, _, _) = try await send(script, recipients: 3, kind: .lmtp)
        #expect(
            outcome?.recipients == [
                .delivered(Reply(250, nil, "first")), .failed(.reply(Reply(550, nil, "no"))),
                .deferred(.reply(Reply(452, nil, "third"))),
            ])
    }

    @Test("a connection that was closed meanwhile says so, and that nothing was answered")
    func closedMeanwhile() async throws {
        let server = try await ScriptedServer([Self.hello + Self.envelope + Self.data + [.send("250 ok\r\n"), .close]])
        let connection = try await SMTPClientConnection.connect(
            to: try server.address, name: nil, configuration: try configuration(),
            on: MultiThreadedEventLoopGroup.singleton
        ).get()
        _ = await connection.send(transaction(MemoryContent("x\r\n")))
        while connection.isUsable { try await Task.sleep(for: .milliseconds(1)) }
        let outcome = await connection.send(transaction(MemoryContent("x\r\n")))
        #expect(outcome.endedUnanswered)
        try await server.stop()
    }

    @Test("nobody listens: a failure at once")
    func refusedConnection() async throws {
        let server = try await ScriptedServer([[]])
        let address = try server.address
        try await server.stop()
        let result = await SMTPClientConnection.connect(
            to: address, name: nil, configuration: try configuration(), on: MultiThreadedEventLoopGroup.singleton)
        guard case .failure(let failure) = result else {
            Issue.record("connected")
            return
        }
        #expect(failure.failure.status == EnhancedStatusCode(4, 4, 1))
    }

    @Test("a cancelled task closes the connection and defers")
    func cancelled() async throws {
        let server = try await ScriptedServer([Self.hello + Self.envelope + Self.data + [.silence]])
        var slow = try configuration()
        slow.timeouts = ClientTimeouts()
        let connection = try await SMTPClientConnection.connect(
            to: try server.address, name: nil, configuration: slow, on: MultiThreadedEventLoopGroup.singleton
        ).get()
        let task = Task { await connection.send(transaction(MemoryContent("x\r\n"))) }
        while server.record.contents.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        guard case .deferred = await task.value.recipients.first else {
            Issue.record("not deferred")
            return
        }
        try await server.stop()
    }

    // MARK: TLS

    private func tlsServer(_ scripts: [[Step]]) async throws -> ScriptedServer {
        let certificate = try NIOSSLCertificate(bytes: Array(ClientTestCertificate.certificate.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(ClientTestCertificate.key.utf8), format: .pem)
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
        return try await ScriptedServer(scripts) { NIOSSLServerHandler(context: context) }
    }

    private static let tlsScript: [Step] =
        [
            .send("220 mail\r\n"), .expect("EHLO"), .send("250-mail\r\n250 STARTTLS\r\n"), .expect("STARTTLS"),
            .send("220 go\r\n"), .startTLS, .expect("EHLO"), .send("250 mail\r\n"),
        ] + envelope + data + [.send("250 taken\r\n"), .expect("QUIT"), .close]

    private func sendByTLS(_ mode: ClientTLSMode, trusted: Bool, name: String?, scripts: [[Step]] = [tlsScript])
        async throws -> (RecipientOutcome?, ConnectionFailure?, ScriptedServer.Record)
    {
        let server = try await tlsServer(scripts)
        let certificate = try NIOSSLCertificate(bytes: Array(ClientTestCertificate.certificate.utf8), format: .pem)
        let result = await SMTPClientConnection.connect(
            to: try server.address, name: name,
            configuration: try configuration(tls: mode, trust: trusted ? .certificates([certificate]) : .default),
            on: MultiThreadedEventLoopGroup.singleton)
        defer { Task { try await server.stop() } }
        switch result {
        case .failure(let failure): return (nil, failure, server.record)
        case .success(let connection):
            let outcome = await connection.send(transaction(MemoryContent("x\r\n")))
            connection.quit()
            return (outcome.recipients.first, nil, server.record)
        }
    }

    @Test("opportunistic TLS takes a self-signed certificate of any name")
    func opportunistic() async throws {
        let (outcome, _, record) = try await sendByTLS(.opportunistic, trusted: false, name: "other.example")
        #expect(outcome == .delivered(Reply(250, nil, "taken")))
        #expect(record.connections == 1)
        #expect(record.lines.contains("STARTTLS"))
    }

    @Test("required TLS takes a certificate that is trusted and bears the name")
    func required() async throws {
        let (outcome, failure, _) = try await sendByTLS(.required, trusted: true, name: "mail.example.test")
        #expect(outcome == .delivered(Reply(250, nil, "taken")), "\(String(describing: failure))")
    }

    @Test("required TLS refuses a stranger's certificate and one of another name", arguments: [true, false])
    func notVerified(_ trusted: Bool) async throws {
        let name = trusted ? "other.example" : "mail.example.test"
        let (outcome, failure, record) = try await sendByTLS(.required, trusted: trusted, name: name)
        #expect(outcome == nil)
        #expect(failure?.isHandshake == true)
        #expect(record.connections == 1)
        #expect(record.contents.isEmpty)
    }

    @Test("where the handshake fails, opportunistic TLS goes on in clear over a new connection")
    func handshakeFails() async throws {
        let broken: [Step] = [
            .send("220 mail\r\n"), .expect("EHLO"), .send("250-mail\r\n250 STARTTLS\r\n"), .expect("STARTTLS"),
            .send("220 go\r\n"), .send("this is no TLS, whatever it is\r\n"), .close,
        ]
        let clear = Self.hello + Self.envelope + Self.data + [.send("250 taken\r\n"), .expect("QUIT"), .close]
        let (outcome, failure, record) = try await sendByTLS(
            .opportunistic, trusted: false, name: nil, scripts: [broken, clear])
        #expect(outcome == .delivered(Reply(250, nil, "taken")), "\(String(describing: failure))")
        #expect(record.connections == 2)
    }
}
