// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceTesting
import Testing

@Suite("Moments")
struct TimestampTests {
    @Test(
        "are written after RFC 3339 and RFC 5322, in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z", "Thu, 1 Jan 1970 00:00:00 +0000"),
            (1_795_504_481_123, "2026-11-24T07:14:41.123Z", "Tue, 24 Nov 2026 07:14:41 +0000"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z", "Tue, 29 Feb 2000 00:00:00 +0000"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z", "Thu, 29 Feb 2024 23:59:59 +0000"),
            (4_102_444_800_000, "2100-01-01T00:00:00.000Z", "Fri, 1 Jan 2100 00:00:00 +0000"),
            (-1000, "1969-12-31T23:59:59.000Z", "Wed, 31 Dec 1969 23:59:59 +0000"),
        ] as [(Int64, String, String)])
    func written(milliseconds: Int64, rfc3339: String, rfc5322: String) {
        let moment = Timestamp(milliseconds: milliseconds)
        #expect(moment.rfc3339 == rfc3339)
        #expect(moment.rfc5322 == rfc5322)
    }

    @Test("any moment of eight thousand years is written as Foundation's calendar has it")
    func calendar() throws {
        var random = SeededGenerator(seed: 11)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true, timeZone: .gmt)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        for _ in 0..<2000 {
            let milliseconds = Int64.random(in: -12_000_000_000_000...230_000_000_000_000, using: &random)
            let moment = Timestamp(milliseconds: milliseconds)
            let date = Date(timeIntervalSince1970: Double(moment.seconds))
            #expect(moment.rfc3339.prefix(19) == date.formatted(style).prefix(19))
            let weekday = calendar.component(.weekday, from: date)
            #expect(moment.rfc5322.prefix(3) == ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][weekday - 1])
        }
    }

    @Test("a millisecond before a second belongs to the second before, also before 1970")
    func seconds() {
        #expect(Timestamp(milliseconds: 1999).seconds == 1)
        #expect(Timestamp(milliseconds: -1).seconds == -1)
        #expect(Timestamp(seconds: 7).milliseconds == 7000)
    }

    @Test("durations are added, subtracted and measured")
    func arithmetic() {
        let moment = Timestamp(seconds: 100)
        #expect(moment + .seconds(5) == Timestamp(seconds: 105))
        #expect(moment - .milliseconds(1) == Timestamp(milliseconds: 99_999))
        #expect(moment - Timestamp(seconds: 90) == .seconds(10))
        #expect(moment < moment + .milliseconds(1))
        #expect(Duration.milliseconds(-1500).wholeMilliseconds == -1500)
        #expect(Duration.microseconds(1_234_567).wholeMicroseconds == 1_234_567)
    }

    @Test("a moment is stored as its milliseconds")
    func codable() throws {
        let data = try JSONEncoder().encode([Timestamp(milliseconds: 42)])
        #expect(String(decoding: data, as: UTF8.self) == "[42]")
        #expect(try JSONDecoder().decode([Timestamp].self, from: data) == [Timestamp(milliseconds: 42)])
    }

    @Test("the machine's clock is not before this was written")
    func system() {
        #expect(SystemTime().now > Timestamp(seconds: 1_700_000_000))
    }
}
