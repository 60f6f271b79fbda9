// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Synchronization

@testable import SluiceSMTP

/// A policy that notes all it is asked and answers by closures.
final class ScriptedPolicy: SMTPSessionPolicy {
    /// What several sessions have noted; safe to read from a test.
    final class Log: Sendable {
        struct Message: Equatable {
            var envelope: Envelope
            var content: String
            var client: ClientInfo
        }
        private let events = Mutex<[String]>([])
        private let kept = Mutex<[Message]>([])

        func note(_ event: String) { events.withLock { $0.append(event) } }
        func keep(_ message: Message) { kept.withLock { $0.append(message) } }
        var all: [String] { events.withLock { $0 } }
        var messages: [Message] { kept.withLock { $0 } }
    }

    struct Answers: Sendable {
        var connected: @Sendable (any EventLoop) -> PolicyAnswer = { _ in .accept }
        var mail: @Sendable (any EventLoop) -> PolicyAnswer = { _ in .accept }
        var recipient: @Sendable (Mailbox, any EventLoop) -> PolicyAnswer = { _, _ in .accept }
        var data: @Sendable (any EventLoop) -> PolicyAnswer = { _ in .accept }
        var chunk: @Sendable (ByteBuffer, any EventLoop) -> EventLoopFuture<Void>? = { _, _ in nil }
        var message: @Sendable (any EventLoop) -> EventLoopFuture<Reply> = {
            $0.makeSucceededFuture(Reply(250, EnhancedStatusCode(2, 0, 0), "kept"))
        }
        /// Alice's password is `secret`.
        var credentials: @Sendable (Credentials, any EventLoop) -> EventLoopFuture<AuthenticationOutcome> = {
            $1.makeSucceededFuture($0 == Credentials(login: "alice", password: "secret") ? .accepted : .refused)
        }
    }

    private let loop: any EventLoop
    private let answers: Answers
    private let log: Log
    private var content = ByteBuffer()
    private var envelope: Envelope?
    private var client: ClientInfo?

    init(loop: any EventLoop, answers: Answers = Answers(), log: Log) {
        self.loop = loop
        self.answers = answers
        self.log = log
    }

    func connected(_ client: ClientInfo) -> PolicyAnswer {
        log.note("connected")
        return answers.connected(loop)
    }

    func mailReceived(_ mail: MailCommand, from client: ClientInfo) -> PolicyAnswer {
        log.note("mail <\(mail.reversePath.written)>")
        return answers.mail(loop)
    }

    func recipientReceived(_ recipient: Mailbox, for envelope: Envelope, from client: ClientInfo) -> PolicyAnswer {
        log.note("recipient <\(recipient)>")
        return answers.recipient(recipient, loop)
    }

    func contentAwaited(for envelope: Envelope, from client: ClientInfo) -> PolicyAnswer {
        log.note("data")
        content = ByteBuffer()
        self.envelope = envelope
        self.client = client
        return answers.data(loop)
    }

    func contentReceived(_ chunk: ByteBuffer) -> EventLoopFuture<Void>? {
        content.writeImmutableBuffer(chunk)
        return answers.chunk(chunk, loop)
    }

    func contentEnded() -> EventLoopFuture<Reply> {
        log.note("content ended")
        if let envelope, let client {
            log.keep(.init(envelope: envelope, content: String(buffer: content), client: client))
        }
        return answers.message(loop)
    }

    func transactionEnded(_ end: TransactionEnd) {
        switch end {
        case .reset: log.note("reset")
        case .refused(let reply): log.note("refused \(reply.code)")
        case .clientGone: log.note("client gone")
        }
    }

    func credentialsReceived(_ credentials: Credentials, from client: ClientInfo) -> EventLoopFuture<
        AuthenticationOutcome
    > {
        log.note("credentials \(credentials.login)")
        return answers.credentials(credentials, loop)
    }

    func sessionEnded() { log.note("session ended") }
}
