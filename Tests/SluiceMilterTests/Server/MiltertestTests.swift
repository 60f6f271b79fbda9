// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import NIOPosix
import SluiceTesting
import Testing

@testable import SluiceMilter

/// Debian's miltertest as the MTA, with scripts of ours (`fixtures/miltertest`), against a listener on loopback.
@Suite("miltertest", .enabled(if: Miltertest.isInstalled))
struct MiltertestTests {
    static var scripts: [String] { Miltertest.scripts() }

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
        let output = try await Miltertest.run(name, socket: socket)
        try await server.close()
        #expect(output.status == 0, "\(output.text)")
    }
}
