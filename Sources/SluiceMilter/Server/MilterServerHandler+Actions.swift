// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore

extension MilterServerHandler {
    func perform(_ action: MilterSessionAction, context: ChannelHandlerContext) {
        switch action {
        case .negotiated(let options): policy.negotiated(options)
        case .ask(let question): session.answered(answer(to: question))
        case .takeBody(let piece): takeBody(piece, context: context)
        case .conclude(let macros): conclude(macros, context: context)
        case .transactionEnded: policy.transactionEnded()
        case .clientEnded: policy.clientEnded()
        case .send(let reply): send(reply, context: context)
        case .reportFault(let text): logger.error("milter answer put right", metadata: ["error": "\(text)"])
        case .close(let closing): finish(closing, context: context)
        }
    }

    private func answer(to question: MilterSessionQuestion) -> MilterStepAnswer {
        switch question {
        case .connected(let hostname, let address, let macros):
            policy.connected(hostname: hostname, address, macros)
        case .helo(let name, let macros): policy.heloReceived(name, macros)
        case .mail(let arguments, let macros): policy.mailReceived(arguments, macros)
        case .recipient(let arguments, let macros): policy.recipientReceived(arguments, macros)
        case .data(let macros): policy.dataReceived(macros)
        case .field(let name, let value): policy.fieldReceived(name: name, value: value)
        case .headerEnded(let macros): policy.headerEnded(macros)
        }
    }

    private func takeBody(_ piece: ByteBuffer, context: ChannelHandlerContext) {
        guard let taken = policy.bodyReceived(piece) else {
            return session.bodyTaken(isKept: true, isEnough: policy.hasEnoughOfBody)
        }
        wait(.body, for: taken, context: context) { handler, result in
            switch result {
            case .success: handler.session.bodyTaken(isKept: true, isEnough: handler.policy.hasEnoughOfBody)
            case .failure(let error):
                handler.logger.error("content can't be kept", metadata: ["error": "\(error)"])
                handler.session.bodyTaken(isKept: false)
            }
        }
    }

    private func conclude(_ macros: MilterMacros, context: ChannelHandlerContext) {
        let conclusion = policy.messageEnded(macros)
        deadlines.concluding(at: context.eventLoop.now)
        wait(.conclusion, for: conclusion, context: context) { handler, result in
            switch result {
            case .success(let conclusion): handler.session.concluded(conclusion)
            case .failure(let error):
                handler.logger.error("decision failed", metadata: ["error": "\(error)"])
                handler.session.concluded(MilterConclusion(final: .temporaryFailure))
            }
        }
    }

    /// Goes on when the future is done; its result is dropped where the message or the connection has ended meanwhile.
    private func wait<Value: Sendable>(
        _ kind: Waiting, for future: EventLoopFuture<Value>, context: ChannelHandlerContext,
        _ body: @escaping (MilterServerHandler, Result<Value, any Error>) -> Void
    ) {
        waiting = kind
        waitNumber += 1
        let number = waitNumber
        future.hop(to: context.eventLoop).assumeIsolated().whenComplete { result in
            guard !self.isClosing, self.waitNumber == number else { return }
            self.waiting = .nothing
            self.deadlines.resumed(at: context.eventLoop.now)
            body(self, result)
            self.process(context: context)
        }
    }

    // MARK: Output

    private func send(_ reply: MilterReply, context: ChannelHandlerContext) {
        guard case .replaceBody(let body) = reply, body.readableBytes > 4_096 else {
            return MilterReplyEncoder.encode(reply, into: &output)
        }
        write(output, context: context)
        output = ByteBuffer()
        for (head, piece) in MilterReplyEncoder.pieces(of: body) {
            write(head, context: context)
            write(piece, context: context)
        }
    }

    private func write(_ buffer: ByteBuffer, context: ChannelHandlerContext) {
        guard buffer.readableBytes > 0 else { return }
        context.write(wrapOutboundOut(buffer), promise: nil)
        hasWritten = true
    }

    func sendOutput(context: ChannelHandlerContext) {
        write(output, context: context)
        output = ByteBuffer()
        guard hasWritten else { return }
        hasWritten = false
        context.flush()
    }

    // MARK: The end

    /// How long a last reply may take to go out.
    private static let lingering = TimeAmount.seconds(5)

    /// Ends the session from our side; its last actions are done at once.
    func close(_ closing: MilterClosing, context: ChannelHandlerContext) {
        guard !isClosing else { return }
        session.end(closing)
        tellEnds()
        finish(closing, context: context)
    }

    /// Tells the policy what has ended; what else stood on the agenda is gone.
    func tellEnds() {
        while let action = session.next() {
            switch action {
            case .transactionEnded: policy.transactionEnded()
            case .clientEnded: policy.clientEnded()
            case .negotiated, .ask, .takeBody, .conclude, .send, .reportFault, .close: break
            }
        }
    }

    private func finish(_ closing: MilterClosing, context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        log(closing)
        timer?.cancel()
        let loop = context.eventLoop.assumeIsolated()
        timer = loop.scheduleTask(in: Self.lingering) { context.close(promise: nil) }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(output), promise: written)
        output = ByteBuffer()
        hasWritten = false
    }

    func log(_ closing: MilterClosing) {
        if closing.isClean {
            logger.debug("milter connection closed", metadata: ["reason": "\(closing)"])
        } else {
            logger.warning("milter connection closed", metadata: ["reason": "\(closing)"])
        }
    }

    // MARK: Time

    /// One timer at a time; it is not moved with every command but looks, when it fires, whether it came too early.
    func startTimer(context: ChannelHandlerContext) {
        guard !isClosing, let next = deadlines.next(waiting) else { return }
        if timer != nil {
            guard next.at < timerDeadline else { return }
            timer?.cancel()
        }
        timerDeadline = next.at
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: next.at) {
            self.timer = nil
            guard !self.isClosing else { return }
            self.timerFired(context: context)
            self.startTimer(context: context)
        }
    }

    private func timerFired(context: ChannelHandlerContext) {
        let now = context.eventLoop.now
        guard let due = deadlines.next(waiting), due.at <= now else { return }
        switch due.what {
        case .progress:
            deadlines.concluding(at: now)
            guard context.channel.isWritable else { return }
            MilterReplyEncoder.encode(.progress, into: &output)
            sendOutput(context: context)
        case .packet: close(.packetTimeout, context: context)
        case .idle: close(.idle, context: context)
        }
    }
}
