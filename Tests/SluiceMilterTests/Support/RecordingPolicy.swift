// SPDX-License-Identifier: Apache-2.0
import NIOCore

@testable import SluiceMilter

/// Writes down in words what it is told, and answers as the test says.
final class RecordingPolicy: MilterSessionPolicy {
    var words: [String] = []
    var body = ByteBuffer()
    var macros = MilterMacros()
    var answers: [MilterSessionStep: MilterStepAnswer] = [:]
    /// What the taking of a piece waits for.
    var taken: ((ByteBuffer) -> EventLoopFuture<Void>?)?
    var concluded: (() -> EventLoopFuture<MilterConclusion>)?
    private let loop: any EventLoop

    init(loop: any EventLoop) { self.loop = loop }

    private func answer(_ step: MilterSessionStep, _ macros: MilterMacros? = nil) -> MilterStepAnswer {
        words.append("\(step)")
        if let macros { self.macros = macros }
        return answers[step] ?? .proceed
    }

    func negotiated(_ options: MilterOptions) { words.append("negotiated \(options.version)") }

    func connected(hostname: ByteBuffer, _ address: MilterClientAddress, _ macros: MilterMacros) -> MilterStepAnswer {
        answer(.connect, macros)
    }

    func heloReceived(_ name: ByteBuffer, _ macros: MilterMacros) -> MilterStepAnswer { answer(.helo, macros) }

    func mailReceived(_ arguments: [ByteBuffer], _ macros: MilterMacros) -> MilterStepAnswer {
        answer(.mail, macros)
    }

    func recipientReceived(_ arguments: [ByteBuffer], _ macros: MilterMacros) -> MilterStepAnswer {
        answer(.recipient, macros)
    }

    func dataReceived(_ macros: MilterMacros) -> MilterStepAnswer { answer(.data, macros) }

    func fieldReceived(name: ByteBuffer, value: ByteBuffer) -> MilterStepAnswer { answer(.header) }

    func headerEnded(_ macros: MilterMacros) -> MilterStepAnswer { answer(.endOfHeader, macros) }

    func bodyReceived(_ piece: ByteBuffer) -> EventLoopFuture<Void>? {
        words.append("piece")
        body.writeImmutableBuffer(piece)
        return taken?(piece)
    }

    func messageEnded(_ macros: MilterMacros) -> EventLoopFuture<MilterConclusion> {
        words.append("message")
        self.macros = macros
        return concluded?() ?? loop.makeSucceededFuture(MilterConclusion(final: .accept))
    }

    func transactionEnded() { words.append("transaction ended") }
    func clientEnded() { words.append("client ended") }
    func connectionEnded() { words.append("connection ended") }
}
