// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceServer

/// A new configuration while the server runs.
@Suite("A reload", .timeLimit(.minutes(2))) struct ReloadEndToEndTests {
    /// Runs a server whose configuration is what the box holds, read anew at each reload.
    private func run(
        _ yaml: String, in folder: TemporaryFolder, _ body: @escaping @Sendable (TestServer, Box) async throws -> Void
    ) async throws {
        let box = Box(yaml)
        let path = folder.path
        try await TestServer.run(
            yaml, in: folder,
            load: {
                let reading = ServerConfiguration.read(box.yaml, file: "sluice.yml", directory: path)
                guard let configuration = reading.configuration else {
                    throw ServerError(
                        message: reading.diagnostics.map(\.description).joined(separator: "\n"), isConfiguration: true)
                }
                return configuration
            }
        ) { server in try await body(server, box) }
    }

    final class Box: Sendable {
        private let text: Mutex<String>
        init(_ yaml: String) { text = Mutex(yaml) }
        var yaml: String {
            get { text.withLock { $0 } }
            set { text.withLock { $0 = newValue } }
        }
    }

    @Test("takes effect with the next transaction, in sessions that go on too; one under way keeps what it began with")
    func nextTransaction() async throws {
        let sink = try await Sink.start()
        let folder = try TemporaryFolder()
        try await run(TestServer.yaml(sink: sink.port), in: folder) { server, box in
            let dialogue = try await server.greeted()
            try await dialogue.send("MAIL FROM:<sender@client.test>", expect: "250")
            try await dialogue.send("RCPT TO:<anna@example.org>", expect: "250")
            box.yaml = TestServer.yaml(sink: sink.port).replacingOccurrences(
                of: "example.org: {route", with: "example.net: {route")
            try await server.reload()
            // The domain has gone, but not for this transaction.
            try await dialogue.send("RCPT TO:<bert@example.org>", expect: "250")
            try await dialogue.send("RSET", expect: "250")
            try await dialogue.send("MAIL FROM:<sender@client.test>", expect: "250")
            try await dialogue.send("RCPT TO:<anna@example.org>", expect: "550")
            try await dialogue.send("RCPT TO:<anna@example.net>", expect: "250")
            try await dialogue.close()
        }
        try await sink.stop()
    }

    @Test("that is wrong is refused with every mistake, and the old configuration stays")
    func refused() async throws {
        let sink = try await Sink.start()
        let folder = try TemporaryFolder()
        let yaml = TestServer.yaml(sink: sink.port)
        try await run(yaml, in: folder) { server, box in
            box.yaml = yaml + "\nlimts: {}\nqueue: {expire: soon}\n"
            let error = await #expect(throws: ServerError.self) { try await server.reload() }
            #expect(error?.message.contains("limts") == true && error?.message.contains("expire") == true)
            box.yaml = yaml.replacingOccurrences(of: "state: state", with: "state: elsewhere")
            let state = await #expect(throws: ServerError.self) { try await server.reload() }
            #expect(state?.message.contains("restart") == true)
            let reply = try await server.send()
            #expect(reply.hasPrefix("250"))
        }
        try await sink.stop()
    }

    @Test("listens on what is new, and no longer on what has gone; sessions there go on")
    func listeners() async throws {
        let sink = try await Sink.start()
        let folder = try TemporaryFolder()
        let yaml = TestServer.yaml(sink: sink.port)
        let line = yaml.split(separator: "\n").first { $0.contains("{name: mx") }.map(String.init) ?? ""
        try await run(yaml, in: folder) { server, box in
            let port = try #require(server.ports["mx"])
            let dialogue = try await server.greeted()
            box.yaml = yaml.replacingOccurrences(
                of: line, with: line.replacingOccurrences(of: "name: mx", with: "name: other"))
            try await server.reload()
            await #expect(throws: (any Error).self) { _ = try await DialogueRunner.connect(port: port) }
            try await dialogue.send("NOOP", expect: "250")
            box.yaml = yaml.replacingOccurrences(
                of: line, with: line.replacingOccurrences(of: "127.0.0.1:0", with: "127.0.0.1:\(sink.port)"))
            // The port is taken: nothing changes.
            await #expect(throws: ServerError.self) { try await server.reload() }
            try await dialogue.close()
        }
        try await sink.stop()
    }
}
