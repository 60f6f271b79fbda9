// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("What happened between two snapshots") struct TopRatesTests {
    private func two(
        over seconds: Double = 10, _ first: (inout TopSnapshot) -> Void, _ second: (inout TopSnapshot) -> Void
    ) -> TopRates {
        TopRates(
            from: TopFixture.snapshot(100, first), to: TopFixture.snapshot(100 + seconds, second))
    }

    @Test("is a rate a second over the time between them")
    func rates() {
        let rates = two(
            over: 2,
            {
                $0.messages = ["deliver": 1000, "reject": 10]
                $0.deliveries = ["delivered": 900]
                $0.processorMilliseconds = 5000
                $0.unrecordedRefusals = 3
                $0.sessionsRefused = 1
            },
            {
                $0.messages = ["deliver": 1240, "reject": 11, "quarantine": 1]
                $0.deliveries = ["delivered": 1100, "bounced": 4]
                $0.processorMilliseconds = 7500
                $0.unrecordedRefusals = 9
                $0.sessionsRefused = 5
            })
        #expect(rates.seconds == 2)
        #expect(rates.dispositions == [.deliver: 120, .reject: 0.5, .quarantine: 0.5, .defer: 0, .discard: 0])
        #expect(rates.messages == 121)
        #expect(rates.deliveries == ["delivered": 100, "bounced": 2])
        #expect(rates.processorShare == 1.25)
        #expect(rates.unrecordedRefusals == 3)
        #expect(rates.sessionsRefused == 2)
    }

    @Test("is the mean since the start where there is no earlier one")
    func first() {
        let rates = TopRates(from: nil, to: TopFixture.snapshot(50) { $0.messages = ["deliver": 100] })
        #expect(rates.messages == 2)
        #expect(rates.seconds == 50)
    }

    @Test("leaves out what another process counted before it was started anew")
    func restarted() {
        let before = TopFixture.snapshot(1000) { $0.messages = ["deliver": 1_000_000] }
        var after = TopFixture.snapshot(0) { $0.messages = ["deliver": 20] }
        after.started = TopFixture.started + .seconds(1005)
        after.time = TopFixture.started + .seconds(1010)
        #expect(TopRates(from: before, to: after).messages == 4)
    }

    @Test("never divides by nothing, nor goes below zero where the clock was set back")
    func clock() {
        let one = TopFixture.snapshot(100) { $0.messages = ["deliver": 100] }
        #expect(TopRates(from: one, to: one).messages == 1, "the mean since the start")
        let earlier = TopFixture.snapshot(-50) { $0.messages = ["deliver": 100] }
        let rates = TopRates(from: one, to: earlier)
        #expect(rates.messages.isFinite && rates.messages >= 0)
    }

    @Test("has the stages by how long a run took, those that did not run last")
    func stages() {
        let rates = two(
            {
                $0.stages = [
                    TopFixture.stage("virus", ran: 100, microseconds: 1_000_000),
                    TopFixture.stage("spf", ran: 5, microseconds: 5_000_000),
                    TopFixture.stage("spam", ran: 1, microseconds: 100),
                ]
            },
            {
                $0.stages = [
                    TopFixture.stage("virus", ran: 140, failed: 5, timedOut: 5, skipped: 3, microseconds: 1_500_000),
                    TopFixture.stage("spf", ran: 5, microseconds: 5_000_000),
                    TopFixture.stage("spam", ran: 21, microseconds: 400_100),
                    TopFixture.stage("milter:late", ran: 10, microseconds: 900_000),
                ]
            })
        #expect(rates.stages.map(\.name) == ["milter:late", "spam", "virus", "spf"])
        #expect(rates.stages.map(\.milliseconds) == [90, 20, 10, nil])
        #expect(rates.stages.map(\.runs) == [1, 2, 5, 0])
        #expect(rates.stages[2].failed == 5 && rates.stages[2].timedOut == 5)
    }

    @Test("has how long a sync took, if there was one")
    func syncs() {
        #expect(two({ _ in }, { _ in }).syncMilliseconds == nil)
        let rates = two(
            { $0.syncs = 5 },
            {
                $0.syncs = 25
                $0.syncMicroseconds = 30_000
            })
        #expect(rates.syncs == 2)
        #expect(rates.syncMilliseconds == 1.5)
    }
}
