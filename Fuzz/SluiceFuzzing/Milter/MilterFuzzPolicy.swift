// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceMilter

/// Answers by its mood, and holds the milter session to the contract of ``MilterSessionPolicy``.
final class MilterFuzzPolicy: MilterSessionPolicy {
    private enum Place {
        case outside, envelope, data, header, body, ended
    }

    private var mood: UInt64
    private let loop: any EventLoop
    private var isNegotiated = false
    private var hasClient = false
    private var isOver = false
    private var place = Place.outside
    private var bodies: [EventLoopPromise<Void>] = []
    private var conclusions: [EventLoopPromise<MilterConclusion>] = []

    private struct Refused: Error {}

    init(mood: UInt8, loop: any EventLoop) {
        self.mood = UInt64(mood)
        self.loop = loop
    }

    /// A mood of 0 never refuses and never waits.
    private func next(_ count: UInt64) -> UInt64 {
        guard mood != 0 else { return 0 }
        mood = mood &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (mood >> 33) % count
    }

    func succeedAll() {
        let (bodies, conclusions) = (bodies, conclusions)
        self.bodies = []
        self.conclusions = []
        for promise in bodies { next(4) == 1 ? promise.fail(Refused()) : promise.succeed() }
        for promise in conclusions { next(4) == 1 ? promise.fail(Refused()) : promise.succeed(conclusion()) }
    }

    func checkEnd() {
        precondition(isOver && !hasClient && place == .outside, "not all ends were told")
    }

    private func called(_ allowed: Bool, _ name: String) {
        precondition(isNegotiated && !isOver && bodies.isEmpty && allowed, "\(name) in the wrong place: \(place)")
    }

    private func answer() -> MilterStepAnswer {
        switch next(24) {
        case 1: .reply(.reject)
        case 2: .reply(.temporaryFailure)
        case 3: .reply(.accept)
        case 4: .reply(.discard)
        case 5: .reply(.skip)
        case 6: .reply(.progress)
        case 7: .reply(.shutdown)
        case 8: .reply(.replyCode(ByteBuffer(string: "451 4.7.1 50% later")))
        default: .proceed
        }
    }

    private func conclusion() -> MilterConclusion {
        let field = ByteBuffer(string: "X-Fuzz")
        let value = ByteBuffer(string: " \0value")
        return switch next(8) {
        case 1: MilterConclusion(modifications: [.addField(name: field, value: value)], final: .accept)
        case 2:
            MilterConclusion(modifications: [.replaceBody(ByteBuffer(repeating: 65, count: 70_000))], final: .proceed)
        case 3: MilterConclusion(modifications: [.quarantine(reason: value)], final: .proceed)
        case 4: MilterConclusion(modifications: [.progress], final: .accept)
        case 5: MilterConclusion(final: .skip)
        case 6: MilterConclusion(final: .reject)
        default: MilterConclusion(final: .accept)
        }
    }

    func negotiated(_ options: MilterOptions) {
        precondition(!isNegotiated, "negotiated twice")
        isNegotiated = true
    }

    func connected(hostname: ByteBuffer, _ address: MilterClientAddress, _ macros: MilterMacros) -> MilterStepAnswer {
        called(!hasClient && place == .outside, "connected")
        hasClient = true
        return answer()
    }

    func heloReceived(_ name: ByteBuffer, _ macros: MilterMacros) -> MilterStepAnswer {
        called(hasClient && place == .outside, "helo")
        return answer()
    }

    func mailReceived(_ arguments: [ByteBuffer], _ macros: MilterMacros) -> MilterStepAnswer {
        called(hasClient && place == .outside && !arguments.isEmpty, "mail")
        place = .envelope
        return answer()
    }

    func recipientReceived(_ arguments: [ByteBuffer], _ macros: MilterMacros) -> MilterStepAnswer {
        called(place == .envelope && !arguments.isEmpty && macros["rcpt_mailer"] != "error", "recipient")
        return answer()
    }

    func dataReceived(_ macros: MilterMacros) -> MilterStepAnswer {
        called(place == .envelope, "data")
        place = .data
        return answer()
    }

    func fieldReceived(name: ByteBuffer, value: ByteBuffer) -> MilterStepAnswer {
        called((place == .data || place == .header) && name.readableBytes > 0, "field")
        place = .header
        return answer()
    }

    func headerEnded(_ macros: MilterMacros) -> MilterStepAnswer {
        called(place == .data || place == .header, "end of header")
        place = .body
        return answer()
    }

    func bodyReceived(_ piece: ByteBuffer) -> EventLoopFuture<Void>? {
        called(place == .body && piece.readableBytes > 0, "body")
        switch next(6) {
        case 1:
            let promise = loop.makePromise(of: Void.self)
            bodies.append(promise)
            return promise.futureResult
        case 2: return loop.makeSucceededVoidFuture()
        case 3: return loop.makeFailedFuture(Refused())
        default: return nil
        }
    }

    func messageEnded(_ macros: MilterMacros) -> EventLoopFuture<MilterConclusion> {
        called(place == .body, "end of message")
        guard next(2) == 1 else {
            place = .outside
            return loop.makeSucceededFuture(conclusion())
        }
        place = .ended
        let promise = loop.makePromise(of: MilterConclusion.self)
        conclusions.append(promise)
        // What comes first, the answer or the end of the transaction, ends it.
        promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in
            guard let self, self.place == .ended else { return }
            self.place = .outside
        }
        return promise.futureResult
    }

    func transactionEnded() {
        precondition(!isOver && place != .outside, "a transaction ended that was none")
        place = .outside
    }

    func clientEnded() {
        precondition(!isOver && hasClient && place == .outside, "a client ended that was none")
        hasClient = false
    }

    func connectionEnded() {
        precondition(!isOver && !hasClient, "the connection ended twice, or before its client")
        isOver = true
    }
}
