// SPDX-License-Identifier: Apache-2.0
package import Logging
package import NIOCore

/// Runs the filter's side of one MTA's connection: feeds the codec and the ``MilterSession``, and does what the latter
/// says.
///
/// All of it on the event loop. While the policy takes a piece of the body nothing is read, so what the MTA sends stays
/// in its own kernel; while it decides about a message we look only for the MTA giving up.
package final class MilterServerHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = Never
    package typealias OutboundIn = Never
    package typealias OutboundOut = ByteBuffer

    enum Waiting {
        case nothing, body, conclusion
    }

    let configuration: MilterServerConfiguration
    let policy: any MilterSessionPolicy
    let logger: Logger
    var session: MilterSession
    var output = ByteBuffer()
    var hasWritten = false
    var waiting = Waiting.nothing
    /// Counts what was asked of the policy, so that an answer that comes after the MTA gave up is known as such.
    var waitNumber: UInt64 = 0
    var isClosing = false
    var timer: Scheduled<Void>?
    var timerDeadline = NIODeadline.distantFuture
    var deadlines: MilterServerDeadlines
    private var frames: MilterFrameReader
    /// What came while the policy decides and is not the MTA giving up.
    private var heldPacket: MilterPacket?
    /// The macros before the last field: Postfix tells the same before each.
    private var fieldMacros: ByteBuffer?
    private var isQuiescing = false
    private var isProcessing = false
    private var isReadHeld = false
    private var hasStarted = false
    private var hasEnded = false

    package init(configuration: MilterServerConfiguration, policy: any MilterSessionPolicy, logger: Logger) {
        self.configuration = configuration
        self.policy = policy
        self.logger = logger
        session = MilterSession(configuration: configuration)
        frames = MilterFrameReader(limit: configuration.packetLimit)
        deadlines = MilterServerDeadlines(configuration)
    }

    package func handlerAdded(context: ChannelHandlerContext) {
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
        deadlines.started(at: context.eventLoop.now)
        process(context: context)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        frames.feed(unwrapInboundIn(data))
        process(context: context)
    }

    /// Reading stops while the MTA has to wait.
    package func read(context: ChannelHandlerContext) {
        if mayRead(context: context) { context.read() } else { isReadHeld = true }
    }

    private func mayRead(context: ChannelHandlerContext) -> Bool {
        if isClosing { return true }
        guard context.channel.isWritable else { return false }
        switch waiting {
        case .nothing: return true
        case .body: return false
        case .conclusion: return heldPacket == nil
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { process(context: context) }
        context.fireChannelWritabilityChanged()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, !isQuiescing {
            isQuiescing = true
            process(context: context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if session.isInTransaction {
            close(.socket("\(error)"), context: context)
        } else {
            logger.debug("milter connection broke", metadata: ["error": "\(error)"])
            context.close(promise: nil)
        }
    }

    /// Goes through what was read as far as it can, then sends all the replies at once.
    func process(context: ChannelHandlerContext) {
        guard !isProcessing, hasStarted, !isClosing else { return }
        isProcessing = true
        var tookPacket = false
        while !isClosing, context.channel.isWritable, step(&tookPacket, context: context) {}
        isProcessing = false
        sendOutput(context: context)
        guard !isClosing else { return }
        deadlines.progressed(
            tookPacket: tookPacket, isWithinPacket: frames.isWithinPacket, at: context.eventLoop.now)
        startTimer(context: context)
        if isReadHeld, mayRead(context: context) {
            isReadHeld = false
            context.read()
        }
    }

    /// Does one action or takes one packet; `false` where there is none.
    private func step(_ tookPacket: inout Bool, context: ChannelHandlerContext) -> Bool {
        switch waiting {
        case .body: return false
        case .conclusion: return takeEnd(context: context)
        case .nothing: break
        }
        if let action = session.next() {
            perform(action, context: context)
            return true
        }
        if isQuiescing, !session.isInTransaction {
            close(.shutdown, context: context)
            return false
        }
        guard let packet = nextPacket(context: context) else { return false }
        tookPacket = true
        take(packet, context: context)
        return true
    }

    /// While the policy decides: the MTA may give the message up, or say quit. Anything else has to wait.
    private func takeEnd(context: ChannelHandlerContext) -> Bool {
        guard heldPacket == nil, let packet = nextPacket(context: context) else { return false }
        switch packet.code {
        case MilterCommandCode.abort, MilterCommandCode.quit, MilterCommandCode.quitNewConnection:
            waiting = .nothing
            waitNumber += 1
            take(packet, context: context)
            return true
        default:
            heldPacket = packet
            return false
        }
    }

    private func nextPacket(context: ChannelHandlerContext) -> MilterPacket? {
        if let heldPacket {
            self.heldPacket = nil
            return heldPacket
        }
        do {
            return try frames.next()
        } catch {
            close(.packet(error), context: context)
            return nil
        }
    }

    private func take(_ packet: MilterPacket, context: ChannelHandlerContext) {
        switch packet.code {
        case MilterCommandCode.macros:
            let isOfField =
                packet.payload.getInteger(at: packet.payload.readerIndex) == MilterCommandCode.header
            if isOfField, packet.payload == fieldMacros { return }
            fieldMacros = isOfField ? packet.payload : nil
        case MilterCommandCode.header: break
        default: fieldMacros = nil
        }
        do {
            session.commandReceived(try MilterCommandDecoder.decode(packet))
        } catch {
            close(.packet(error), context: context)
        }
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        if !isClosing {
            let closing = MilterClosing.connectionLost(
                isWithinPacket: frames.isWithinPacket, isWithinTransaction: session.isInTransaction)
            isClosing = true
            log(closing)
            session.end(closing)
        }
        tellEnds()
        timer?.cancel()
        timer = nil
        frames = MilterFrameReader(limit: configuration.packetLimit)
        heldPacket = nil
        policy.connectionEnded()
    }
}
