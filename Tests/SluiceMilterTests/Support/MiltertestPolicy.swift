// SPDX-License-Identifier: Apache-2.0
import NIOCore

@testable import SluiceMilter

/// Does what the reverse-path says: `<STEP-ANSWER@a.test>`, such as `<header-reject@a.test>`.
///
/// Steps: `mail`, `rcpt`, `data`, `header`, `eoh`, `end`. Answers: `reject`, `tempfail`, `accept`, `discard`, `code`; at
/// the end also `edits`, `quarantine` and `slow`; `body-fail` for a body that can't be kept. All else is accepted.
final class MiltertestPolicy: MilterSessionPolicy {
    private struct Full: Error {}

    private let loop: any EventLoop
    private var wish = ""

    init(loop: any EventLoop) { self.loop = loop }

    private func answer(_ step: String) -> MilterStepAnswer {
        guard wish.hasPrefix(step + "-"), let reply = reply else { return .proceed }
        return .reply(reply)
    }

    private var reply: MilterReply? {
        switch wish.split(separator: "-").last {
        case "reject": .reject
        case "tempfail": .temporaryFailure
        case "accept": .accept
        case "discard": .discard
        case "code": .replyCode(ByteBuffer(string: "451 4.3.2 100% busy"))
        default: nil
        }
    }

    func negotiated(_ options: MilterOptions) {}

    func connected(hostname: ByteBuffer, _ address: MilterClientAddress, _ macros: MilterMacros) -> MilterStepAnswer {
        .proceed
    }

    func heloReceived(_ name: ByteBuffer, _ macros: MilterMacros) -> MilterStepAnswer { .proceed }

    func mailReceived(_ arguments: [ByteBuffer], _ macros: MilterMacros) -> MilterStepAnswer {
        wish = arguments.first.map { String(buffer: $0).dropFirst().prefix { $0 != "@" } }.map(String.init) ?? ""
        return answer("mail")
    }

    func recipientReceived(_ arguments: [ByteBuffer], _ macros: MilterMacros) -> MilterStepAnswer { answer("rcpt") }
    func dataReceived(_ macros: MilterMacros) -> MilterStepAnswer { answer("data") }
    func fieldReceived(name: ByteBuffer, value: ByteBuffer) -> MilterStepAnswer { answer("header") }
    func headerEnded(_ macros: MilterMacros) -> MilterStepAnswer { answer("eoh") }

    func bodyReceived(_ piece: ByteBuffer) -> EventLoopFuture<Void>? {
        wish == "body-fail" ? loop.makeFailedFuture(Full()) : nil
    }

    func messageEnded(_ macros: MilterMacros) -> EventLoopFuture<MilterConclusion> {
        switch wish {
        case "end-edits": return loop.makeSucceededFuture(MilterConclusion(modifications: Self.edits, final: .accept))
        case "end-quarantine":
            let held = MilterReply.quarantine(reason: ByteBuffer(string: "virus"))
            return loop.makeSucceededFuture(MilterConclusion(modifications: [held], final: .accept))
        case "end-slow":
            return loop.scheduleTask(in: .seconds(2)) { MilterConclusion(final: .accept) }.futureResult
        default:
            let final = wish.hasPrefix("end-") ? reply : nil
            return loop.makeSucceededFuture(MilterConclusion(final: final ?? .accept))
        }
    }

    private static let edits: [MilterReply] = [
        .addField(name: ByteBuffer(string: "X-Added"), value: ByteBuffer(string: " added")),
        .insertField(index: 1, name: ByteBuffer(string: "X-Inserted"), value: ByteBuffer(string: " inserted")),
        .changeField(index: 1, name: ByteBuffer(string: "Subject"), value: ByteBuffer(string: " changed")),
        .changeField(index: 1, name: ByteBuffer(string: "X-Gone"), value: ByteBuffer()),
        .addRecipient(ByteBuffer(string: "<new@b.test>")), .deleteRecipient(ByteBuffer(string: "<b@b.test>")),
        .replaceBody(ByteBuffer(string: "new\r\n")),
    ]

    func transactionEnded() { wish = "" }
    func clientEnded() {}
    func connectionEnded() {}
}
