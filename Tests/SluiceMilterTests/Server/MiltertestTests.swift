// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import SluiceMilter

/// Debian's miltertest as the MTA, with scripts of ours (`fixtures/miltertest`), against a listener on loopback.
@Suite("miltertest", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/miltertest")))
struct MiltertestTests {
    private static let program = "/usr/bin/miltertest"
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../fixtures/miltertest").standardizedFileURL

    static var scripts: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []  // none fails below
        return files.filter { $0.hasSuffix(".lua") && $0 != "prelude.lua" }.sorted()
    }

    @Test("there are scripts")
    func thereAreScripts() { #expect(Self.scripts.count >= 10) }

    @Test("miltertest finds what its script expects", arguments: scripts)
    func script(name: String) async throws {
        var configuration = MilterServerConfiguration()
        configuration.progressInterval = .milliseconds(400)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { [configuration] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        MilterServerHandler(
                            configuration: configuration, policy: MiltertestPolicy(loop: channel.eventLoop),
                            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
                }
            }
        let server: any Channel
        let socket: String
        if name == "addresses.lua" {
            server = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            socket = "inet:\(try #require(server.localAddress?.port))@127.0.0.1"
        } else {
            // On a port every command would wait for a delayed acknowledgement: miltertest writes it in two pieces.
            let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString.prefix(8)).sock")
                .path
            server = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
            socket = "unix:\(path)"
        }
        let output = try await run(name, socket: socket)
        try await server.close()
        if socket.hasPrefix("unix:") { try FileManager.default.removeItem(atPath: String(socket.dropFirst(5))) }
        #expect(output.status == 0, "\(output.text)")
    }

    private func run(_ name: String, socket: String) async throws -> (status: Int32, text: String) {
        let script = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).lua")
        var source = try Data(contentsOf: Self.folder.appending(path: "prelude.lua"))
        source.append(try Data(contentsOf: Self.folder.appending(path: name)))
        try source.write(to: script)
        defer { try? FileManager.default.removeItem(at: script) }  // a temporary file
        let process = Process()
        process.executableURL = URL(filePath: Self.program)
        process.arguments = ["-D", "socket=\(socket)", "-s", script.path]
        let words = script.appendingPathExtension("output")
        try Data().write(to: words)
        defer { try? FileManager.default.removeItem(at: words) }  // a temporary file
        let output = try FileHandle(forWritingTo: words)
        process.standardOutput = output
        process.standardError = output
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        return (status, String(decoding: try Data(contentsOf: words), as: UTF8.self))
    }
}
