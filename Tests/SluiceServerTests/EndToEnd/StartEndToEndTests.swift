// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import NIOPosix
import SluiceCore
import SluiceServer
import SluiceTesting
import Testing

@Suite("A start that can't succeed", .timeLimit(.minutes(1)), .serialized) struct StartEndToEndTests {
    /// Starts it; returns why it did not start.
    private func failure(_ yaml: String, in folder: TemporaryFolder) async throws -> ServerError {
        try #require(
            await #expect(throws: ServerError.self) { try await TestServer.run(yaml, in: folder) { _ in } })
    }

    /// What `check` says, and `serve` before it starts.
    private func problems(_ yaml: String, in folder: TemporaryFolder) async -> [String] {
        let reading = ServerConfiguration.read(yaml, file: "sluice.yml", directory: folder.path)
        var found = reading.diagnostics.filter { $0.severity == .error }
        if let configuration = reading.configuration {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            found += await ServerCheck.problems(configuration, logger: logger)
        }
        return found.map { $0.description.replacingOccurrences(of: folder.path + "/", with: "") }
    }

    @Test("names a state directory that is none, as a fault of the configuration")
    func stateIsFile() async throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "state")
        let error = try await failure(TestServer.yaml(sink: 1), in: folder)
        #expect(error.isConfiguration)
        #expect(
            error.message.hasPrefix("the state directory \(folder.path)/state can't be used: ")
                && error.message.hasSuffix("Not a directory"))
    }

    @Test("names the listener whose port is taken, in words; and the state is free again")
    func portInUse() async throws {
        let folder = try TemporaryFolder()
        let other = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(other.localAddress?.port)
        let free = TestServer.yaml(sink: 1)
        let taken = free.replacingOccurrences(of: "\"127.0.0.1:0\"", with: "\"127.0.0.1:\(port)\"")
        let error = try await failure(taken, in: folder)
        #expect(error.message == "listener mx can't use 127.0.0.1:\(port): Address already in use")
        #expect(!error.isConfiguration)
        try await other.close()
        try await TestServer.run(free, in: folder) { server in
            let answers = try await server.ask("ping")
            #expect(answers == [["running": true]])
        }
    }

    @Test("says of a file that is no text just that, and never shows what stands in it")
    func binaryFiles() async throws {
        let folder = try TemporaryFolder()
        try TestCertificate.write(toFolder: folder.path)
        for name in ["users.txt", "zone.yml", "known.txt"] {
            try folder.write("", to: name)
            try Data([0xFF, 0x1B, 0x5B, 0x00]).write(to: URL(fileURLWithPath: folder.path + "/" + name))
        }
        let found = await problems(
            TestServer.yaml(
                sink: 1, recipients: "known.txt",
                listener: ", certificate: mx.pem, key: mx.key, users: users.txt",
                more: "resolver: {zone: zone.yml}"), in: folder)
        #expect(found == ["sluice.yml:6:68: recipients: known.txt is no text, UTF-8 would be right"])
        let others = await problems(
            TestServer.yaml(
                sink: 1, listener: ", certificate: mx.pem, key: mx.key, users: users.txt",
                more: "resolver: {zone: zone.yml}"), in: folder)
        #expect(others.count == 2)
        #expect(others.contains { $0.hasSuffix("resolver: zone.yml is no text, UTF-8 would be right") })
        #expect(others.contains { $0.hasSuffix("users: users.txt is no text, UTF-8 would be right") })
        let configuration = await problems("hostname: \u{1B}[31m", in: folder)
        #expect(
            configuration == [
                "sluice.yml:1:11: this is no text: control characters are not allowed, YAML in UTF-8 would be right"
            ])
    }

    @Test("says which of certificate and key is wrong")
    func certificates() async throws {
        let folder = try TemporaryFolder()
        try TestCertificate.write(toFolder: folder.path)
        try folder.write("no PEM\n", to: "none.pem")
        func found(_ certificate: String, _ key: String) async -> String {
            await problems(
                TestServer.yaml(sink: 1, listener: ", certificate: \(certificate), key: \(key)"), in: folder
            ).joined()
        }
        #expect(
            await found("none.pem", "mx.key").hasSuffix(
                "listener mx: none.pem holds no certificate, PEM would be right"))
        #expect(
            await found("mx.pem", "none.pem").contains("listener mx: none.pem is not the key of "))
        #expect(await found(".", "mx.key").contains("is a folder, a file would be right"))
        #expect(await found("mx.pem", "mx.key").isEmpty)
    }
}
