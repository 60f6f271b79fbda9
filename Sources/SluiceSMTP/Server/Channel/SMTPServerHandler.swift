// SPDX-License-Identifier: Apache-2.0
package import Logging
package import NIOCore
import NIOSSL
package import SluiceCore

/// Runs one SMTP session on its channel: feeds the codec and the ``SMTPSession``, and does what the latter says.
///
/// All of it on the event loop; a policy that has to wait answers by a future. Meanwhile nothing is read, so what a
/// client has pipelined stays in its own kernel, but for the one read that is in `input` already.
package final class SMTPServerHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = Never
    package typealias OutboundIn = Never
    package typealias OutboundOut = ByteBuffer

    let configuration: SMTPServerConfiguration
    let policy: any SMTPSessionPolicy
    let logger: Logger
    var session: SMTPSession
    private var commandLines: CommandLineDecoder
    var content: ContentDecoder
    var input = ByteBuffer()
    var output = ByteBuffer()
    /// Whether the policy has to answer, or to take a chunk, before we go on.
    var isWaiting = false
    var isClosing = false
    var hasEnded = false
    private var hasStarted = false
    private var isProcessing = false
    private var isReadHeld = false
    var deadlines: SessionDeadlines
    var timer: Scheduled<Void>?
    var tlsHandler: NIOSSLServerHandler?

    /// - Parameter client: at least the address; the session adds what it learns.
    package init(
        configuration: SMTPServerConfiguration, client: ClientInfo, policy: any SMTPSessionPolicy, logger: Logger
    ) {
        self.configuration = configuration
        self.policy = policy
        self.logger = logger
        var client = client
        client.isExtended = false
        session = SMTPSession(offer: configuration.offer, client: client)
        commandLines = CommandLineDecoder(
            limit: configuration.limits.commandLine, authenticationLimit: configuration.limits.authenticationLine)
        content = ContentDecoder(limits: configuration.limits)
        deadlines = SessionDeadlines(limits: configuration.limits)
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        if configuration.isImplicitTLS { beginTLS(context: context) }
        if context.channel.isActive { start(context: context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) { end() }

    package func channelActive(context: ChannelHandlerContext) {
        start(context: context)
        context.fireChannelActive()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func start(context: ChannelHandlerContext) {
        guard !hasStarted, !isClosing else { return }
        hasStarted = true
        deadlines.progressed(at: context.eventLoop.now, isInTransaction: false)
        decide(policy.connected(session.client), context: context) { $0.session.connectionDecided($1) }
        process(context: context)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let tlsHandler {
            // The first octets that TLS hands on: the handshake is done.
            session.tlsStarted(version: tlsHandler.tlsVersion.map(Self.name) ?? "TLS")
            self.tlsHandler = nil
        }
        guard !isClosing else { return }
        var data = unwrapInboundIn(data)
        if input.readableBytes == 0 {
            input = data
        } else {
            input.discardReadBytes()
            input.writeBuffer(&data)
        }
        process(context: context)
    }

    /// Reading stops while the client has to wait.
    package func read(context: ChannelHandlerContext) {
        if (isWaiting || !context.channel.isWritable) && !isClosing {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { process(context: context) }
        context.fireChannelWritabilityChanged()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, !isClosing {
            switch session.shutdownRequested() {
            case .wait: break
            case .respond(let response):
                respond(response, context: context)
                sendOutput(context: context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("SMTP connection broke", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    /// Goes through what was read as far as it can, then sends all the replies at once (RFC 2920 §3.2).
    func process(context: ChannelHandlerContext) {
        guard !isProcessing, hasStarted else { return }
        isProcessing = true
        var progressed = session.expects == .content
        while !isWaiting, !isClosing, context.channel.isWritable, step(context: context) { progressed = true }
        isProcessing = false
        sendOutput(context: context)
        if input.readableBytes == 0 { input = ByteBuffer() }
        guard !isClosing else { return }
        if isWaiting {
            deadlines.suspended()
        } else {
            if progressed || deadlines.command == nil {
                deadlines.progressed(at: context.eventLoop.now, isInTransaction: session.isInTransaction)
            }
            startTimer(context: context)
            if isReadHeld, context.channel.isWritable {
                isReadHeld = false
                context.read()
            }
        }
    }

    /// Takes one line or one piece of content; `false` where there is none.
    private func step(context: ChannelHandlerContext) -> Bool {
        switch session.expects {
        case .command:
            guard let item = commandLines.next(from: &input) else { return false }
            commandLineReceived(item, context: context)
        case .authenticationLine:
            guard let item = commandLines.next(from: &input, isExchange: true) else { return false }
            authenticationLineReceived(item, context: context)
        case .content:
            guard let item = content.next(from: &input) else { return false }
            contentItemReceived(item, context: context)
        case .nothing:
            return false
        }
        return true
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        isClosing = true
        timer?.cancel()
        timer = nil
        input = ByteBuffer()
        if let end = session.connectionLost() { policy.transactionEnded(end) }
        policy.sessionEnded()
    }
}
