// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import NIOPosix
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceMilter

@Suite("Telling a filter messages", .serialized) struct MilterConnectionsTests {
    private func client(
        _ milter: ScriptedMilter, connections: Int = 5, command: Duration = .seconds(10),
        content: Duration = .seconds(10), idle: Duration = .seconds(30)
    ) throws -> MilterConnections {
        MilterConnections(
            address: try #require(MilterAddress(milter.address)), connections: connections,
            timeouts: MilterClientTimeouts(connect: .seconds(5), command: command, content: content, idle: idle),
            group: MultiThreadedEventLoopGroup.singleton)
    }

    @Test("messages of one client and of several share a connection")
    func reuse() async throws {
        let milter = try await ScriptedMilter()
        let client = try client(milter)
        for helo in ["a", "a", "b", "a"] {
            let outcome = try await client.filter(ClientScript.transaction(helo: helo))
            #expect(outcome.answer == .proceed)
        }
        #expect(milter.connections == 1)
        #expect(milter.codes == "OCHMRRTLNBE" + "MRRTLNBE" + "KCHMRRTLNBE" + "KCHMRRTLNBE")
        #expect(client.keptConnections == 1)
        try await milter.stop()
    }

    @Test("a Unix socket serves as well, and a body of many pieces comes whole")
    func unix() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "m\(UInt32.random(in: 0 ... .max)).sock").path
        let milter = try await ScriptedMilter(path: path) { command in
            // Nothing of the body is answered.
            switch command.code {
            case "O": .reply([ScriptedMilter.negotiation(steps: 0x80000)])
            case "B": .reply([])
            default: nil
            }
        }
        let body = String(repeating: "0123456789abcde\n", count: 200_000)
        let outcome = try await client(milter).filter(ClientScript.transaction(body: body))
        #expect(outcome.answer == .proceed)
        let pieces = milter.commands.filter { $0.code == "B" }.map(\.payload)
        #expect(pieces.allSatisfy { $0.count <= 65535 })
        #expect(pieces.reduce(0) { $0 + $1.count } == body.utf8.count)
        #expect(Array(pieces.joined()) == Array(body.utf8))
        try await milter.stop()
    }

    @Test("a connection that the filter closed while it rested is replaced")
    func closedWhileResting() async throws {
        let milter = try await ScriptedMilter()
        let client = try client(milter)
        for expected in 1...3 {
            let outcome = try await client.filter(ClientScript.transaction())
            #expect(outcome.answer == .proceed)
            #expect(milter.connections == expected)
            milter.cutConnections()
            while client.keptConnections > 0 { try await Task.sleep(for: .milliseconds(2)) }
        }
        try await milter.stop()
    }

    @Test("however short a connection may rest, no message is lost by it: neither its first nor one at that moment")
    func shortRest() async throws {
        let milter = try await ScriptedMilter()
        let client = try client(milter, idle: .milliseconds(1))
        for number in 0..<300 {
            let outcome = try await client.filter(ClientScript.transaction())
            #expect(outcome.answer == .proceed)
            if number % 3 == 0 { try await Task.sleep(for: .microseconds(900)) }
        }
        #expect(milter.connections > 1)
        try await milter.stop()
    }

    @Test("a connection that turns out to be closed at the first command of a message is replaced, once")
    func closedAtFirstCommand() async throws {
        // Each connection serves one message, and closes at the second one's MAIL.
        let mails = Mutex<[Int: Int]>([:])
        let milter = try await ScriptedMilter { command in
            guard command.code == "M" else { return nil }
            let count = mails.withLock { mails in
                mails[command.connection, default: 0] += 1
                return mails[command.connection] ?? 0
            }
            return count > 1 ? .close : nil
        }
        let client = try client(milter)
        for _ in 0..<3 { #expect(try await client.filter(ClientScript.transaction()).answer == .proceed) }
        #expect(milter.connections == 3)
        try await milter.stop()
    }

    @Test("a connection that breaks in the middle of a message is not replaced")
    func broken() async throws {
        let milter = try await ScriptedMilter { $0.code == "T" ? .close : nil }
        let client = try client(milter)
        await #expect(throws: MilterClientFailure.self) { try await client.filter(ClientScript.transaction()) }
        #expect(milter.connections == 1)
        #expect(client.keptConnections == 0)
        try await milter.stop()
    }

    @Test("a filter that does not answer in time has given none; progress makes the time begin anew")
    func timeouts() async throws {
        let silent = try await ScriptedMilter { $0.code == "N" ? .hang : nil }
        let failure = await #expect(throws: MilterClientFailure.self) {
            try await client(silent, command: .milliseconds(100)).filter(ClientScript.transaction())
        }
        #expect(failure?.step == .endOfHeader)
        #expect(failure?.reason == "no answer in time")
        try await silent.stop()
        let slow = try await SlowMilter.start(progress: 8, every: .milliseconds(60))
        let address = try #require(MilterAddress("127.0.0.1:\(slow.localAddress?.port ?? 0)"))
        let patient = MilterConnections(
            address: address, connections: 1, timeouts: MilterClientTimeouts(content: .milliseconds(250)),
            group: MultiThreadedEventLoopGroup.singleton)
        #expect(try await patient.filter(ClientScript.transaction()).answer == .accept)
        try await slow.close()
    }

    @Test("a message whose task is cancelled ends at once, and its connection with it")
    func cancelled() async throws {
        let milter = try await ScriptedMilter { $0.code == "E" ? .hang : nil }
        let client = try client(milter, connections: 1)
        let first = Task { try await client.filter(ClientScript.transaction()) }
        while !milter.codes.hasSuffix("E") { try await Task.sleep(for: .milliseconds(5)) }
        // This one waits for the only place.
        let second = Task { try await client.filter(ClientScript.transaction()) }
        second.cancel()
        await #expect(throws: MilterClientFailure.self) { try await second.value }
        first.cancel()
        await #expect(throws: MilterClientFailure.self) { try await first.value }
        #expect(client.keptConnections == 0)
        try await milter.stop()
    }

    @Test("where nobody listens the failure says so")
    func refused() async throws {
        let milter = try await ScriptedMilter()
        let client = try client(milter)
        try await milter.stop()
        let failure = await #expect(throws: MilterClientFailure.self) {
            try await client.filter(ClientScript.transaction())
        }
        #expect(failure?.description.contains("can't connect to \(milter.address)") == true)
        #expect(failure?.description.contains("Connection refused") == true)
    }

    @Test("many messages at once use no more connections than are allowed")
    func many() async throws {
        let milter = try await ScriptedMilter()
        let client = try client(milter, connections: 3)
        try await withThrowingTaskGroup(of: MilterReply.self) { tasks in
            for number in 0..<60 {
                tasks.addTask { try await client.filter(ClientScript.transaction(helo: "h\(number % 7)")).answer }
            }
            for try await answer in tasks { #expect(answer == .proceed) }
        }
        #expect(milter.connections <= 3)
        #expect(client.keptConnections <= 3)
        #expect(milter.codes.count { $0 == "E" } == 60)
        try await milter.stop()
    }
}

/// A filter that sends progress for a while before it accepts.
private enum SlowMilter {
    static func start(progress: Int, every interval: Duration) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(progress, TimeAmount(interval)))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private var frames = MilterFrameReader()
        private var progress: Int
        private let interval: TimeAmount

        init(_ progress: Int, _ interval: TimeAmount) {
            self.progress = progress
            self.interval = interval
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            frames.feed(unwrapInboundIn(data))
            while let packet = try? frames.next() {  // what is no packet ends the test by its time-out
                switch packet.code {
                case MilterCommandCode.negotiate:
                    send(context, .negotiate(MilterOptions(version: 6, actions: [], steps: [])))
                case MilterCommandCode.endOfMessage: goOn(context)
                case MilterCommandCode.macros, MilterCommandCode.quit: continue
                default: send(context, .proceed)
                }
            }
        }

        private func goOn(_ context: ChannelHandlerContext) {
            guard progress > 0 else { return send(context, .accept) }
            progress -= 1
            send(context, .progress)
            context.eventLoop.assumeIsolated().scheduleTask(in: interval) { self.goOn(context) }
        }

        private func send(_ context: ChannelHandlerContext, _ reply: MilterReply) {
            var buffer = ByteBuffer()
            MilterReplyEncoder.encode(reply, into: &buffer)
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        }
    }
}
