// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A filter on loopback or a Unix socket that does what the test says, good or bad: for tests of the MTA's side. Written
/// from the protocol alone, without our codecs.
package final class ScriptedMilter: Sendable {
    /// What came: the code of the packet and what follows it.
    package struct Command: Hashable, Sendable {
        /// Counted from 0, over restarts too.
        package var connection: Int
        package var code: Character
        package var payload: [UInt8]

        /// The payload with `|` for each NUL.
        package var text: String { String(decoding: payload.map { $0 == 0 ? 0x7C : $0 }, as: UTF8.self) }
    }

    /// What is done about it.
    package enum Reaction: Hashable, Sendable {
        /// These packets, each of a code and a payload.
        case reply([Packet])
        case close
        /// Nothing, and the connection stays open.
        case hang
        /// Octets that are no packet.
        case garbage
        /// All connections are cut, and the filter listens anew.
        case restart
    }

    package typealias Packet = MTAPacket
    package typealias Script = @Sendable (Command) -> Reaction?

    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var listener: (any Channel)?
        var connections = 0
        var commands: [Command] = []
    }

    private let state = Mutex(State())
    private let script: Script
    private let path: String?
    private let port = Mutex(0)

    /// - Parameters:
    ///   - path: of a Unix socket; a free port on loopback where it is `nil`.
    ///   - script: what is done about a command; `nil` is what ``polite(_:)`` does.
    package init(path: String? = nil, script: @escaping Script = { _ in nil }) async throws {
        self.path = path
        self.script = script
        try await listen()
    }

    /// As the configuration writes it.
    package var address: String { path.map { "unix:\($0)" } ?? "127.0.0.1:\(port.withLock { $0 })" }
    package var commands: [Command] { state.withLock { $0.commands } }
    package var connections: Int { state.withLock { $0.connections } }
    /// The codes of all commands in order, macros left out.
    package var codes: String { String(commands.map(\.code).filter { $0 != "D" }) }

    package func stop() async throws {
        let (listener, channels) = state.withLock { ($0.listener, Array($0.channels.values)) }
        try await listener?.close()
        for channel in channels { channel.close(promise: nil) }
    }

    /// Cuts all connections that are open; listens on.
    package func cutConnections() {
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }

    /// An answer to each command that has one: everything is negotiated, nothing left out, all continues.
    package static func polite(_ command: Command) -> Reaction {
        switch command.code {
        case "O": .reply([negotiation()])
        case "D", "A", "K": .reply([])
        case "Q": .close
        default: .reply([Packet("c", [])])
        }
    }

    /// The filter's side of the option negotiation.
    package static func negotiation(
        version: UInt32 = 6, actions: UInt32 = 0x1FF, steps: UInt32 = 0, lists: [UInt8] = []
    ) -> Packet {
        Packet("O", [version, actions, steps].flatMap(Packet.integer) + lists)
    }

    private func listen() async throws {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = opened(channel)
                    try channel.pipeline.syncOperations.addHandler(MilterScriptHandler(number, self))
                }
            }
        let listener: any Channel
        if let path {
            listener = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        } else {
            let port = port.withLock { $0 }
            listener = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
            self.port.withLock { $0 = listener.localAddress?.port ?? 0 }
        }
        state.withLock { $0.listener = listener }
    }

    private func opened(_ channel: any Channel) -> Int {
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { _ = $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
        }
        return state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = channel
            state.connections += 1
            return state.connections - 1
        }
    }

    fileprivate func received(_ command: Command) -> Reaction {
        state.withLock { $0.commands.append(command) }
        return script(command) ?? Self.polite(command)
    }

    /// The listener first, so that nobody comes in between.
    fileprivate func restart() {
        let listener = state.withLock { $0.listener }
        listener?.close().whenComplete { [self] _ in
            cutConnections()
            // The test's own task is not at hand here; a failure shows as a refused connection.
            Task { try await listen() }
        }
    }
}

private final class MilterScriptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let number: Int
    private let server: ScriptedMilter
    private var received = ByteBuffer()
    private var isDead = false

    init(_ number: Int, _ server: ScriptedMilter) {
        self.number = number
        self.server = server
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        do {
            while !isDead, let packet = try MTAPacket.read(from: &received) {
                let command = ScriptedMilter.Command(connection: number, code: packet.code, payload: packet.payload)
                react(context, server.received(command))
            }
        } catch {
            context.close(promise: nil)
        }
    }

    private func react(_ context: ChannelHandlerContext, _ reaction: ScriptedMilter.Reaction) {
        switch reaction {
        case .reply(let packets):
            let buffer = ByteBuffer(bytes: packets.flatMap(\.octets))
            if buffer.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(buffer), promise: nil) }
        case .close:
            isDead = true
            context.close(promise: nil)
        case .hang: isDead = true
        case .garbage:
            isDead = true
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [0xFF, 0xFF, 0xFF, 0xFF, 0, 1])), promise: nil)
        case .restart:
            isDead = true
            server.restart()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
