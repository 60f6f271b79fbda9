// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOSSL
import SluiceCore

extension SMTPServerHandler {
    /// How long we go on reading, and dropping, what a client sends after a reply that ended the session.
    private static let draining = TimeAmount.seconds(1)

    /// Writes the reply to `output`, tells the policy what became of its transaction, and closes where told to.
    func respond(_ response: SMTPResponse, context: ChannelHandlerContext) {
        ReplyEncoder.write(response.reply, to: &output)
        if let farewell = response.farewell { ReplyEncoder.write(farewell, to: &output) }
        if let end = response.transactionEnd { policy.transactionEnded(end) }
        guard let close = response.close else { return }
        isClosing = true
        deadlines.ended()
        timer?.cancel()
        timer = nil
        input = ByteBuffer()
        switch close {
        case .atOnce:
            sendOutput(context: context)
            context.close(promise: nil)
        case .afterDraining:
            sendOutput(context: context)
            context.read()
            timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.draining) { context.close(promise: nil) }
        }
    }

    func sendOutput(context: ChannelHandlerContext) {
        guard output.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        output = ByteBuffer()
    }

    /// Puts TLS before this handler. What the client sent in the clear has been answered and nothing of it is left.
    func beginTLS(context: ChannelHandlerContext) {
        guard let tls = configuration.tls else { preconditionFailure("TLS without a certificate") }
        let handler = NIOSSLServerHandler(context: tls)
        tlsHandler = handler
        do {
            try context.pipeline.syncOperations.addHandler(handler, position: .before(self))
        } catch {
            errorCaught(context: context, error: error)
        }
    }

    static func name(of version: TLSVersion) -> String {
        switch version {
        case .tlsv1: "TLSv1"
        case .tlsv11: "TLSv1.1"
        case .tlsv12: "TLSv1.2"
        case .tlsv13: "TLSv1.3"
        }
    }

    /// One timer at a time; it is not moved with every command but looks, when it fires, whether it came too early.
    func startTimer(context: ChannelHandlerContext) {
        guard timer == nil, let next = deadlines.next else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: next) {
            self.timer = nil
            guard !self.isClosing else { return }
            if self.deadlines.hasPassed(at: context.eventLoop.now) {
                self.respond(self.session.timedOut(), context: context)
            } else {
                self.startTimer(context: context)
            }
        }
    }
}
