// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("The time by which things are too old") struct RetentionTimeTests {
    private let start = Timestamp(seconds: 1_790_000_000)
    private static let hour = Duration.seconds(3600)
    private static let day = Duration.seconds(86400)

    @Test("is the clock's where that only drifts")
    func drift() {
        var retention = RetentionTime()
        for minute in 0..<2000 {
            let steady = start + .seconds(minute * 60)
            let now = steady + .milliseconds(minute * 500)
            #expect(retention.time(now, steady: steady) == now)
            #expect(retention.jump == nil)
        }
    }

    @Test("does not follow a clock that was set forward and back again")
    func forwardAndBack() {
        var retention = RetentionTime()
        _ = retention.time(start, steady: start)
        for hours in 1...23 {
            let steady = start + .seconds(hours * 3600)
            #expect(retention.time(steady + .seconds(400 * 86400), steady: steady) == steady)
            #expect((retention.jump != nil) == (hours == 1), "said once")
        }
        let steady = start + Self.day
        #expect(retention.time(steady, steady: steady) == steady)
        #expect(retention.jump == .seconds(-400 * 86400))
    }

    @Test("follows a clock that has stayed forward for a day")
    func forward() {
        var retention = RetentionTime()
        _ = retention.time(start, steady: start)
        var steady = start + Self.hour
        #expect(retention.time(steady + Self.day, steady: steady) == steady)
        steady = steady + Self.day
        #expect(retention.time(steady + Self.day, steady: steady) == steady + Self.day)
        #expect(retention.jump == nil)
    }

    @Test("begins to doubt anew at each jump forward")
    func again() {
        var retention = RetentionTime()
        _ = retention.time(start, steady: start)
        _ = retention.time(start + Self.day, steady: start)
        let steady = start + .seconds(20 * 3600)
        #expect(retention.time(steady + .seconds(2 * 86400), steady: steady) == steady)
        let later = steady + .seconds(23 * 3600)
        #expect(retention.time(later + .seconds(2 * 86400), steady: later) == later)
    }

    @Test("follows a clock that was set back at once")
    func back() {
        var retention = RetentionTime()
        _ = retention.time(start, steady: start)
        let now = start - Self.day
        #expect(retention.time(now, steady: start + Self.hour) == now)
        #expect(retention.jump == .seconds(-86400 - 3600))
    }
}
