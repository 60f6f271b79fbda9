// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import NIOSSL
import SluiceCore

/// Carries out what ``ClientStateMachine`` says on a channel. Confined to the channel's event loop.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Octets of content that are read and written at once.
    private static let chunk = 128 * 1024

    private let configuration: ClientConfiguration
    private let serverName: String?
    private var machine: ClientStateMachine
    private var decoder = ReplyDecoder()
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?

    /// Fulfilled by `nil` when the session stands.
    private var session: EventLoopPromise<ConnectionFailure?>?
    private var outcome: EventLoopPromise<TransactionOutcome>?
    private var probe: EventLoopPromise<ProbeOutcome>?
    private var content: (any ContentSource)?
    private var offset = 0
    private var stuffer = DotStuffer()

    init(_ configuration: ClientConfiguration, serverName: String?, session: EventLoopPromise<ConnectionFailure?>) {
        self.configuration = configuration
        self.serverName = serverName
        self.session = session
        machine = ClientStateMachine(
            configuration.kind, greetingName: configuration.greetingName, tls: configuration.tls,
            refusesOwnName: configuration.refusesOwnName, usesPipelining: configuration.usesPipelining)
    }

    var extensions: ServerExtensions { machine.extensions }

    // MARK: Requests

    func send(_ transaction: ClientTransaction, on eventLoop: any EventLoop) -> EventLoopFuture<TransactionOutcome> {
        let promise = eventLoop.makePromise(of: TransactionOutcome.self)
        guard outcome == nil, probe == nil else {
            preconditionFailure("a transaction was requested while another is in progress")
        }
        outcome = promise
        content = transaction.content
        run(machine.transactionRequested(transaction.envelope))
        return promise.futureResult
    }

    func probe(_ recipient: Mailbox, on eventLoop: any EventLoop) -> EventLoopFuture<ProbeOutcome> {
        let promise = eventLoop.makePromise(of: ProbeOutcome.self)
        guard outcome == nil, probe == nil else {
            preconditionFailure("a probe was requested while a transaction is in progress")
        }
        probe = promise
        run(machine.probeRequested(recipient))
        return promise.futureResult
    }

    func quit() { run(machine.quitRequested()) }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelActive(context: ChannelHandlerContext) { run(machine.connected()) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        while let reading = decoder.next() {
            switch reading {
            case .reply(let reply): run(machine.replyReceived(reply, moreFollows: decoder.hasUnread))
            case .garbage(let reason): run(machine.garbageReceived(reason))
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        run(machine.connectionClosed("the next hop closed the connection"))
        self.context = nil
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        run(machine.connectionClosed("the connection was closed"))
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        run(machine.connectionClosed(SocketErrorText.text(error)))
        context.close(promise: nil)
    }

    // MARK: Actions

    private func run(_ actions: [ClientStateMachine.Action]) {
        for action in actions { run(action) }
        setTimer()
    }

    private func run(_ action: ClientStateMachine.Action) {
        switch action {
        case .write(let commands):
            guard let context else { return }
            var buffer = context.channel.allocator.buffer(capacity: 64 * commands.count)
            for command in commands { command.write(into: &buffer) }
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        case .startTLS: startTLS()
        case .sessionReady: fulfilSession(nil)
        case .sessionFailed(let failure): fulfilSession(failure)
        case .sendContent:
            offset = 0
            stuffer = DotStuffer()
            sendChunk()
        case .finished(let result):
            content = nil
            let promise = outcome
            outcome = nil
            promise?.succeed(result)
        case .probed(let result):
            let promise = probe
            probe = nil
            promise?.succeed(result)
        case .close: context?.close(promise: nil)
        }
    }

    private func fulfilSession(_ failure: ConnectionFailure?) {
        let promise = session
        session = nil
        promise?.succeed(failure)
    }

    private func startTLS() {
        guard let context else { return }
        let isVerified = configuration.tls == .required
        let tls = isVerified ? configuration.contexts.verified : configuration.contexts.unverified
        do {
            let handler = try NIOSSLClientHandler(context: tls, serverHostname: serverName)
            try context.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            run(machine.connectionClosed("TLS can't begin: \(error)"))
        }
    }

    /// Reads and writes the next part of the content; after the last one the final dot.
    ///
    /// What stands in memory is read here; what is in a file on a thread that may wait for the disk.
    private func sendChunk() {
        guard machine.awaited == .contentSent, let content, let context else { return }
        let start = offset
        if let memory = content as? MemoryContent {
            write(memory.read(at: start, count: Self.chunk), of: memory.length)
            return
        }
        NIOThreadPool.singleton.runIfActive(eventLoop: context.eventLoop) {
            try content.read(at: start, count: Self.chunk)
        }.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let chunk): self.write(chunk, of: content.length)
            case .failure(let error): self.run(self.machine.contentFailed("\(error)"))
            }
        }
    }

    private func write(_ chunk: ByteBuffer, of length: Int) {
        guard machine.awaited == .contentSent, let context else { return }
        if chunk.readableBytes == 0, offset < length {
            run(machine.contentFailed("it is shorter than it was"))
            return
        }
        offset += chunk.readableBytes
        let encoded = stuffer.encode(chunk)
        if offset >= length {
            context.write(wrapOutboundOut(encoded), promise: nil)
            context.writeAndFlush(wrapOutboundOut(stuffer.finish()), promise: nil)
            run(machine.contentSent())
            return
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        // A failed write closes the channel, which says so.
        written.futureResult.assumeIsolated().whenSuccess {
            self.setTimer()
            self.sendChunk()
        }
        context.writeAndFlush(wrapOutboundOut(encoded), promise: written)
    }

    private func setTimer() {
        timer?.cancel()
        timer = nil
        guard let context else { return }
        let limit: Duration
        switch machine.awaited {
        case .nothing: return
        case .reply, .contentSent: limit = configuration.timeouts.command
        case .finalReply: limit = configuration.timeouts.finalReply
        }
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
            self.run(self.machine.timerFired())
        }
    }
}
