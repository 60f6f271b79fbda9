// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore

extension SMTPServerHandler {
    func commandLineReceived(_ item: CommandLineDecoder.Item, context: ChannelHandlerContext) {
        let command: SMTPCommand
        switch item {
        case .fault(let fault): return respond(session.commandRefused(fault), context: context)
        case .line(let line):
            switch CommandParser.parse(line) {
            case .failure(let fault): return respond(session.commandRefused(fault), context: context)
            case .success(let parsed): command = parsed
            }
        }
        switch session.commandReceived(command, isFollowed: input.readableBytes > 0) {
        case .respond(let response): respond(response, context: context)
        case .startTLS(let response):
            respond(response, context: context)
            sendOutput(context: context)
            beginTLS(context: context)
        case .decideMail(let mail):
            decide(policy.mailReceived(mail, from: session.client), context: context) { $0.session.mailDecided($1) }
        case .decideRecipient(let mailbox, let envelope):
            decide(policy.recipientReceived(mailbox, for: envelope, from: session.client), context: context) {
                $0.session.recipientDecided($1)
            }
        case .decideContent(let envelope):
            content = ContentDecoder(limits: configuration.limits)
            decide(policy.contentAwaited(for: envelope, from: session.client), context: context) {
                $0.session.contentDecided($1)
            }
        case .checkCredentials(let credentials): check(credentials, context: context)
        }
    }

    func authenticationLineReceived(_ item: CommandLineDecoder.Item, context: ChannelHandlerContext) {
        switch item {
        case .fault(let fault): respond(session.commandRefused(fault), context: context)
        case .line(let line):
            switch session.authenticationLineReceived(line) {
            case .respond(let response): respond(response, context: context)
            case .checkCredentials(let credentials): check(credentials, context: context)
            }
        }
    }

    func contentItemReceived(_ item: ContentDecoder.Item, context: ChannelHandlerContext) {
        switch item {
        case .chunk(let chunk):
            guard session.keepsContent, let stored = policy.contentReceived(chunk) else { return }
            wait(for: stored, context: context) { handler, result in
                if case .failure(let error) = result {
                    handler.logger.error("content can't be kept", metadata: ["error": "\(error)"])
                    handler.session.contentStorageFailed()
                }
            }
        case .end(let defect):
            switch session.contentEnded(defect) {
            case .respond(var response):
                response.reply = policy.contentRefused(response.reply)
                respond(response, context: context)
            case .decideMessage:
                wait(for: policy.contentEnded(), context: context) { handler, result in
                    let reply = handler.reply(of: result)
                    handler.respond(handler.session.messageDecided(reply), context: context)
                }
            }
        }
    }

    private func check(_ credentials: Credentials, context: ChannelHandlerContext) {
        wait(for: policy.credentialsReceived(credentials, from: session.client), context: context) { handler, result in
            if case .failure(let error) = result {
                handler.logger.error("credentials can't be checked", metadata: ["error": "\(error)"])
            }
            let outcome = (try? result.get()) ?? .unavailable  // a failure was logged above
            handler.respond(handler.session.credentialsChecked(outcome), context: context)
        }
    }

    /// Lets the session know the policy's answer, now or when it comes.
    func decide(
        _ answer: PolicyAnswer, context: ChannelHandlerContext,
        _ decided: @escaping (SMTPServerHandler, Reply?) -> SMTPResponse
    ) {
        switch answer {
        case .now(let reply): respond(decided(self, reply), context: context)
        case .later(let future):
            wait(for: future, context: context) { handler, result in
                let reply: Reply?
                switch result {
                case .success(let value): reply = value
                case .failure: reply = handler.reply(of: result.map { _ in SMTPReplies.localError })
                }
                handler.respond(decided(handler, reply), context: context)
            }
        }
    }

    private func reply(of result: Result<Reply, any Error>) -> Reply {
        switch result {
        case .success(let reply): return reply
        case .failure(let error):
            logger.error("decision failed", metadata: ["error": "\(error)"])
            return SMTPReplies.localError
        }
    }

    /// Stops reading until the future is done; its result is dropped where the session has ended meanwhile.
    private func wait<Value: Sendable>(
        for future: EventLoopFuture<Value>, context: ChannelHandlerContext,
        _ body: @escaping (SMTPServerHandler, Result<Value, any Error>) -> Void
    ) {
        isWaiting = true
        future.hop(to: context.eventLoop).assumeIsolated().whenComplete { result in
            self.isWaiting = false
            guard !self.isClosing else { return }
            body(self, result)
            self.process(context: context)
        }
    }
}
