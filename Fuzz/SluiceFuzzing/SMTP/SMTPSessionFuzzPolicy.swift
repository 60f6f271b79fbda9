// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceSMTP

/// Answers by its mood, and holds the SMTP session to the contract of ``SMTPSessionPolicy``.
final class SMTPSessionFuzzPolicy: SMTPSessionPolicy {
    private enum Place {
        case connecting, ready, envelope, content, deciding, ended
    }

    private struct Refused: Error {}

    private var mood: UInt64
    private let loop: any EventLoop
    private let limits: SMTPServerLimits
    private var place = Place.connecting
    private var recipients: [Mailbox] = []
    private var content: [UInt8] = []
    private var answers: [EventLoopPromise<Reply?>] = []
    private var stored: [EventLoopPromise<Void>] = []
    private var decisions: [EventLoopPromise<Reply>] = []

    init(mood: UInt8, loop: any EventLoop, limits: SMTPServerLimits) {
        self.mood = UInt64(mood)
        self.loop = loop
        self.limits = limits
    }

    /// A mood of 0 never refuses and never waits.
    private func next(_ count: UInt64) -> UInt64 {
        guard mood != 0 else { return 0 }
        mood = mood &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (mood >> 33) % count
    }

    func succeedAll() {
        let (answers, stored, decisions) = (answers, stored, decisions)
        (self.answers, self.stored, self.decisions) = ([], [], [])
        for promise in answers { next(4) == 1 ? promise.fail(Refused()) : promise.succeed(reply()) }
        for promise in stored { next(4) == 1 ? promise.fail(Refused()) : promise.succeed() }
        for promise in decisions { next(4) == 1 ? promise.fail(Refused()) : promise.succeed(decision()) }
    }

    func checkEnd() { precondition(place == .ended, "the end of the session was not told") }

    private func called(_ allowed: Bool, _ name: String) {
        precondition(
            allowed && answers.isEmpty && stored.isEmpty && decisions.isEmpty, "\(name) in the wrong place: \(place)")
    }

    private func reply() -> Reply? {
        switch next(12) {
        case 1: Reply(550, EnhancedStatusCode(5, 7, 1), "no\r\n250 yes")
        case 2: Reply(450, EnhancedStatusCode(4, 7, 1), lines: ["later", "much later"])
        case 3: Reply(421, EnhancedStatusCode(4, 3, 2), "closing")
        case 4: Reply(250, nil, String(repeating: "x", count: 1000))
        default: nil
        }
    }

    private func answer(_ accepted: @escaping () -> Void) -> PolicyAnswer {
        guard next(4) == 1 else {
            let reply = reply()
            if reply?.isPositive ?? true { accepted() }
            return .now(reply)
        }
        let promise = loop.makePromise(of: Reply?.self)
        answers.append(promise)
        promise.futureResult.assumeIsolated().whenSuccess { reply in
            if reply?.isPositive ?? true { accepted() }
        }
        return .later(promise.futureResult)
    }

    private func decision() -> Reply { reply() ?? Reply(250, EnhancedStatusCode(2, 0, 0), "accepted") }

    func connected(_ client: ClientInfo) -> PolicyAnswer {
        called(place == .connecting, "connected")
        place = .ready
        return answer {}
    }

    func mailReceived(_ mail: MailCommand, from client: ClientInfo) -> PolicyAnswer {
        called(place == .ready && client.helo != nil, "MAIL")
        return answer { [weak self] in
            guard let self, self.place == .ready else { return }
            self.place = .envelope
            self.recipients = []
        }
    }

    func recipientReceived(_ recipient: Mailbox, for envelope: Envelope, from client: ClientInfo) -> PolicyAnswer {
        called(place == .envelope && envelope.recipients == recipients && !recipients.contains(recipient), "RCPT")
        precondition(recipients.count < limits.recipients, "more recipients than may be")
        return answer { [weak self] in self?.recipients.append(recipient) }
    }

    func contentAwaited(for envelope: Envelope, from client: ClientInfo) -> PolicyAnswer {
        called(place == .envelope && envelope.recipients == recipients && !recipients.isEmpty, "DATA")
        return answer { [weak self] in
            guard let self, self.place == .envelope else { return }
            self.place = .content
            self.content = []
        }
    }

    func contentReceived(_ chunk: ByteBuffer) -> EventLoopFuture<Void>? {
        called(place == .content && chunk.readableBytes > 0, "content")
        content += chunk.readableBytesView
        // The chunk in which a limit is met is the last one.
        precondition(content.count <= limits.messageSize, "more content than may be")
        switch next(6) {
        case 1:
            let promise = loop.makePromise(of: Void.self)
            stored.append(promise)
            return promise.futureResult
        case 2: return loop.makeSucceededVoidFuture()
        case 3: return loop.makeFailedFuture(Refused())
        default: return nil
        }
    }

    func contentEnded() -> EventLoopFuture<Reply> {
        called(place == .content, "the end of the content")
        let lines = Lines(content)
        precondition(lines.rest.isEmpty && lines.whole.allSatisfy { $0.firstForbidden == nil }, "a broken line end")
        guard next(2) == 1 else {
            place = .ready
            return loop.makeSucceededFuture(decision())
        }
        place = .deciding
        let promise = loop.makePromise(of: Reply.self)
        decisions.append(promise)
        promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in
            guard let self, self.place == .deciding else { return }
            self.place = .ready
        }
        return promise.futureResult
    }

    func transactionEnded(_ end: TransactionEnd) {
        precondition(
            place == .envelope || place == .content || place == .deciding, "no transaction could end: \(place)")
        place = .ready
    }

    func credentialsReceived(
        _ credentials: Credentials, from client: ClientInfo
    ) -> EventLoopFuture<AuthenticationOutcome> {
        preconditionFailure("credentials although AUTH is not offered")
    }

    func sessionEnded() {
        precondition(place == .ready || place == .connecting, "the session ended twice, or before its transaction")
        place = .ended
    }
}
