// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter
import SluiceTesting
import Testing

@Suite("Verdicts are merged per recipient") struct VerdictMergeTests {
    private let anna = PipelineFixture.anna
    private let bert = PipelineFixture.bert

    private static let verdicts: [Verdict] = [
        .pass, .accept(reason: "a", skipping: []), .discard(reason: "d"), .quarantine(reason: "q"), .later, .reject,
    ]

    private func settled(_ verdicts: [(Verdict, [Mailbox: Verdict])]) -> [Disposition] {
        var merge = VerdictMerge(recipients: [anna, bert])
        for (index, (verdict, others)) in verdicts.enumerated() { merge.merge(verdict, others, from: "\(index)") }
        return merge.settled.map(\.standing.verdict.disposition)
    }

    @Test("the strictest wins: reject, defer, quarantine, discard, deliver, in whatever order they come")
    func strictest() {
        for left in Self.verdicts {
            for right in Self.verdicts {
                let strictest = max(left.disposition, right.disposition)
                #expect(settled([(left, [:]), (right, [:])]) == [strictest, strictest])
            }
        }
        #expect([.reject, .deliver, .quarantine, .defer, .discard].sorted() == Disposition.byStrictness)
    }

    @Test("of equal ones the first stands")
    func firstStands() {
        var merge = VerdictMerge(recipients: [anna])
        merge.merge(.quarantine(reason: "one"), [:], from: "first")
        merge.merge(.quarantine(reason: "two"), [:], from: "second")
        #expect(merge.settled.first?.standing.verdict == .quarantine(reason: "one"))
        #expect(merge.settled.first?.standing.stage == "first")
    }

    @Test("a verdict for some recipients leaves the others as they are")
    func some() {
        #expect(settled([(.pass, [anna: .quarantine(reason: "q")])]) == [.quarantine, .deliver])
        #expect(settled([(.quarantine(reason: "q"), [bert: .pass])]) == [.quarantine, .deliver])
        #expect(settled([(.pass, [bert: .discard(reason: "d")])]) == [.deliver, .discard])
    }

    @Test("a defer for one recipient defers the whole message, a reject for the other one too")
    func deferForAll() {
        #expect(settled([(.pass, [anna: .later])]) == [.defer, .defer])
        #expect(settled([(.pass, [anna: .reject, bert: .later])]) == [.defer, .defer])
        #expect(settled([(.quarantine(reason: "q"), [bert: .later])]) == [.defer, .defer])
    }

    @Test("a reject that only some recipients share becomes quarantine for those, with its reason")
    func partialReject() {
        var merge = VerdictMerge(recipients: [anna, bert])
        merge.merge(.pass, [bert: .reject], from: "first")
        #expect(merge.settled.map(\.standing.verdict) == [.pass, .quarantine(reason: "refused")])
        #expect(merge.settled.last?.standing.stage == "first")
        #expect(!merge.refusesAll)
        merge.merge(.pass, [anna: .reject], from: "second")
        #expect(merge.refusesAll)
        #expect(merge.settled.map(\.standing.verdict.disposition) == [.reject, .reject])
    }

    @Test("a verdict for a mailbox that is no recipient changes nothing")
    func stranger() {
        #expect(settled([(.pass, [Mailbox(localPart: "eve", domain: "x.test"): .reject])]) == [.deliver, .deliver])
    }

    @Test("whatever stages ask for: one reply, never a reject or a defer for some only, and nothing gets milder")
    func property() {
        var random = SeededGenerator(seed: 7)
        let recipients = (0..<4).map { Mailbox(localPart: "r\($0)", domain: "example.org") }
        for _ in 0..<2000 {
            var merge = VerdictMerge(recipients: recipients)
            var strictest = recipients.map { _ in Disposition.deliver }
            for stage in 0..<Int.random(in: 0...4, using: &random) {
                let verdict = Self.verdicts.randomElement(using: &random) ?? .pass
                var others: [Mailbox: Verdict] = [:]
                for recipient in recipients where Bool.random(using: &random) {
                    others[recipient] = Self.verdicts.randomElement(using: &random)
                }
                merge.merge(verdict, others, from: "\(stage)")
                for (index, recipient) in recipients.enumerated() {
                    strictest[index] = max(strictest[index], (others[recipient] ?? verdict).disposition)
                }
            }
            let settled = merge.settled.map(\.standing.verdict.disposition)
            #expect(merge.standings.map(\.standing.verdict.disposition) == strictest)
            #expect(Set(settled.filter { $0 >= .defer }).count <= 1)
            if settled.contains(where: { $0 >= .defer }) { #expect(Set(settled).count == 1) }
            for (asked, given) in zip(strictest, settled) {
                #expect(given >= asked || (asked == .reject && given >= .quarantine))
            }
        }
    }
}

extension Disposition {
    fileprivate static let byStrictness: [Disposition] = [.deliver, .discard, .quarantine, .defer, .reject]
}
