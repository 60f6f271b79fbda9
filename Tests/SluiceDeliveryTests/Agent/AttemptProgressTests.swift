// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue
import SluiceSMTP
import Testing

@testable import SluiceDelivery

@Suite("An attempt on its way through hosts")
struct AttemptProgressTests {
    private let ok = Reply(250, nil, "ok")
    private let gone = DeliveryFailure.local(EnhancedStatusCode(4, 4, 1), "gone")
    private let loop = DeliveryFailure.local(EnhancedStatusCode(5, 4, 6), "ourselves")

    private func progress(_ count: Int) -> AttemptProgress {
        AttemptProgress(
            ClientEnvelope(
                reversePath: .null, recipients: (0..<count).map { Mailbox(localPart: "r\($0)", domain: "x.test") }))
    }

    @Test("a loop fails what nothing else gave hope, and only that")
    func loops() {
        var first = progress(1)
        first.failed(loop, at: "us")
        #expect(first.outcome.recipients == [.failed(loop)])
        #expect(first.outcome.feedback == .answered)
        // We are the backup of a host that is not there: its mail waits here.
        var backup = progress(1)
        backup.deferred(gone, at: "main")
        backup.failed(loop, at: "us")
        #expect(backup.outcome.recipients == [.deferred(gone)])
        #expect(backup.remaining.isEmpty)
    }

    @Test("hosts that refuse sessions, and hosts that are not there, are told apart")
    func feedback() {
        var refused = progress(1)
        refused.deferred(.reply(Reply(421, nil, "busy")), at: "a")
        refused.deferred(gone, at: "b")
        #expect(refused.outcome.feedback == .refused)
        #expect(refused.outcome.recipients == [.deferred(.reply(Reply(421, nil, "busy")))])
        #expect(refused.outcome.nextHops == ["a"])
        var unreachable = progress(1)
        unreachable.deferred(gone, at: "b")
        #expect(unreachable.outcome.feedback == .unreachable)
        var strained = progress(2)
        _ = strained.take(
            TransactionOutcome(recipients: [.delivered(ok), .deferred(gone)], isStrained: true), from: "a")
        #expect(strained.outcome.feedback == .strained)
        var stale = progress(1)
        _ = stale.take(
            TransactionOutcome(recipients: [.deferred(gone)], endedUnanswered: true, unsent: [0], isStrained: true),
            from: "a")
        #expect(stale.remaining == [0] && stale.outcome.feedback == .unreachable)
    }

    @Test("those past the number that the host takes come again over the same connection while someone is delivered to")
    func surplus() {
        let many = DeliveryFailure.reply(Reply(452, nil, "too many"))
        var progress = progress(3)
        var goesOn = progress.take(
            TransactionOutcome(
                recipients: [.delivered(ok), .deferred(many), .deferred(many)], surplus: [1, 2], unsent: [1, 2]),
            from: "a")
        #expect(goesOn && progress.pending.recipients.map(\.localPart) == ["r1", "r2"])
        goesOn = progress.take(
            TransactionOutcome(
                recipients: [.deferred(many), .deferred(many)], surplus: [1], unsent: [0, 1]), from: "a")
        #expect(!goesOn && progress.remaining == [1, 2])
        #expect(progress.outcome.recipients == [.delivered(ok), .deferred(many), .deferred(many)])
    }
}
