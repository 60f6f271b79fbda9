// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import SluiceCore

/// Carries out what ``MilterClientSession`` says on a channel. Confined to the channel's event loop.
final class MilterClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let timeouts: MilterClientTimeouts
    private var session: MilterClientSession
    private var frames = MilterFrameReader()
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    /// Which timer is the present one: one that is due already runs although it was cancelled.
    private var timerNumber = 0
    /// Before the first message it is not resting: who opened it is about to tell one.
    private var wasUsed = false
    /// The end of the last write.
    private var written: EventLoopFuture<Void>?
    /// Fulfilled when the options are agreed on.
    private var opened: EventLoopPromise<MilterClientFailure?>?
    private var answer: EventLoopPromise<Result<MilterClientOutcome, MilterClientFailure>>?
    private var body: (any ContentSource)?

    init(timeouts: MilterClientTimeouts, limits: MilterClientLimits, opened: EventLoopPromise<MilterClientFailure?>) {
        self.timeouts = timeouts
        self.opened = opened
        session = MilterClientSession(limits: limits)
    }

    // MARK: Requests

    func filter(
        _ transaction: MilterTransaction, on eventLoop: any EventLoop
    ) -> EventLoopFuture<Result<MilterClientOutcome, MilterClientFailure>> {
        let promise = eventLoop.makePromise(of: Result<MilterClientOutcome, MilterClientFailure>.self)
        guard answer == nil else { preconditionFailure("a message was to be told while another is in progress") }
        answer = promise
        wasUsed = true
        body = transaction.body
        run(session.transactionRequested(transaction))
        return promise.futureResult
    }

    func quit() { run(session.quitRequested()) }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelActive(context: ChannelHandlerContext) { run(session.connected()) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        frames.feed(unwrapInboundIn(data))
        do throws(MilterPacketError) {
            while let packet = try frames.next() {
                run(session.replyReceived(try MilterReplyDecoder.decode(packet)))
            }
        } catch {
            run(session.garbageReceived(error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        run(session.connectionClosed("the filter closed the connection"))
        self.context = nil
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        run(session.connectionClosed("the connection was closed"))
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        run(session.connectionClosed(MilterSocketError.text(error)))
        context.close(promise: nil)
    }

    // MARK: Actions

    private func run(_ actions: [MilterClientSession.Action]) {
        for action in actions { run(action) }
        setTimer()
    }

    private func run(_ action: MilterClientSession.Action) {
        switch action {
        case .send(let commands): send(commands)
        case .readBody(let offset, let count): readBody(at: offset, count)
        case .ready: fulfilOpened(nil)
        case .finished(let outcome): fulfilAnswer(.success(outcome))
        case .failed(let failure):
            if opened != nil { fulfilOpened(failure) } else { fulfilAnswer(.failure(failure)) }
        case .close: context?.close(promise: nil)
        }
    }

    private func send(_ commands: [MilterCommand]) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: 256)
        for command in commands { MilterCommandEncoder.encode(command, into: &buffer) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        written = promise.futureResult
        context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
    }

    /// Reads a piece of the body when what was written before is on its way: so no more than a piece stands in memory.
    ///
    /// What stands in memory is read here; what is in a file on a thread that may wait for the disk.
    private func readBody(at offset: Int, _ count: Int) {
        guard let body, let context else { return }
        let eventLoop = context.eventLoop
        let before = written ?? eventLoop.makeSucceededVoidFuture()
        let piece: EventLoopFuture<ByteBuffer>
        if let memory = body as? MemoryContent {
            piece = before.map { memory.read(at: offset, count: count) }
        } else {
            piece = before.flatMap {
                NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { try body.read(at: offset, count: count) }
            }
        }
        // Never within this call, however fast it is: a long body must not become a deep stack.
        piece.assumeIsolated().whenComplete { result in
            eventLoop.assumeIsolated().execute {
                switch result {
                case .success(let piece): self.run(self.session.bodyRead(piece))
                case .failure(let error): self.run(self.session.bodyFailed("\(error)"))
                }
            }
        }
    }

    private func fulfilOpened(_ failure: MilterClientFailure?) {
        let promise = opened
        opened = nil
        promise?.succeed(failure)
    }

    private func fulfilAnswer(_ result: Result<MilterClientOutcome, MilterClientFailure>) {
        body = nil
        let promise = answer
        answer = nil
        promise?.succeed(result)
    }

    private func setTimer() {
        timer?.cancel()
        timer = nil
        timerNumber += 1
        guard let context else { return }
        let limit: Duration
        switch session.awaited {
        case .nothing: return
        case .command: limit = timeouts.command
        case .conclusion: limit = timeouts.content
        case .message: limit = wasUsed ? timeouts.idle : timeouts.command
        }
        let number = timerNumber
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
            guard number == self.timerNumber else { return }
            self.run(self.session.timerFired())
        }
    }
}
