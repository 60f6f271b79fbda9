// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A moment: milliseconds since 1970-01-01 00:00 UTC. A value, so that state machines can be fed with it.
package struct Timestamp: Hashable, Comparable, Sendable, Codable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
    package init(seconds: Int64) { milliseconds = seconds * 1000 }

    package init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 { (milliseconds - (milliseconds % 1000 + 1000) % 1000) / 1000 }

    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
    package static func + (left: Self, right: Duration) -> Self {
        Self(milliseconds: left.milliseconds + right.wholeMilliseconds)
    }
    package static func - (left: Self, right: Duration) -> Self {
        Self(milliseconds: left.milliseconds - right.wholeMilliseconds)
    }
    package static func - (left: Self, right: Self) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }

    /// `2026-11-24T07:14:41.123Z` (RFC 3339).
    package var rfc3339: String {
        let date = CivilDate(self)
        var octets: [UInt8] = []
        octets.reserveCapacity(24)
        octets.append(date.year, digits: 4)
        octets.append(UInt8(ascii: "-"))
        octets.append(date.month, digits: 2)
        octets.append(UInt8(ascii: "-"))
        octets.append(date.day, digits: 2)
        octets.append(UInt8(ascii: "T"))
        octets.append(timeOf: date)
        octets.append(UInt8(ascii: "."))
        octets.append(Int(milliseconds - seconds * 1000), digits: 3)
        octets.append(UInt8(ascii: "Z"))
        return String(decoding: octets, as: UTF8.self)
    }

    /// `Tue, 24 Nov 2026 07:14:41 +0000` (RFC 5322 §3.3), in UTC.
    package var rfc5322: String {
        let date = CivilDate(self)
        var octets = Array("\(date.weekdayName), \(date.day) \(date.monthName) ".utf8)
        octets.append(date.year, digits: 4)
        octets.append(UInt8(ascii: " "))
        octets.append(timeOf: date)
        octets += " +0000".utf8
        return String(decoding: octets, as: UTF8.self)
    }
}

/// The parts of a moment in the Gregorian calendar, in UTC. By arithmetic: each message has its moment written several
/// times, and Foundation's calendar takes 10 µs for one.
private struct CivilDate {
    var year: Int
    /// From 1.
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    /// From Sunday, which is 0.
    var weekday: Int

    init(_ time: Timestamp) {
        let seconds = Int(time.seconds)
        let secondOfDay = (seconds % 86400 + 86400) % 86400
        let days = (seconds - secondOfDay) / 86400
        hour = secondOfDay / 3600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
        weekday = ((days + 4) % 7 + 7) % 7
        // Years begin in March here, so that a leap day is a year's last: the months before it always have the same
        // lengths. 146,097 days are 400 years, 719,468 days lie between 0000-03-01 and 1970-01-01.
        let shifted = days + 719_468
        let dayOfEra = (shifted % 146_097 + 146_097) % 146_097
        let era = (shifted - dayOfEra) / 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var weekdayName: String { ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][weekday] }
    var monthName: String {
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
    }
}

extension [UInt8] {
    /// Appends a number in decimal, with zeros in front up to so many digits.
    fileprivate mutating func append(_ number: Int, digits: Int) {
        let text = String(number)
        for _ in 0..<Swift.max(0, digits - text.utf8.count) { append(UInt8(ascii: "0")) }
        append(contentsOf: text.utf8)
    }

    fileprivate mutating func append(timeOf date: CivilDate) {
        append(date.hour, digits: 2)
        append(UInt8(ascii: ":"))
        append(date.minute, digits: 2)
        append(UInt8(ascii: ":"))
        append(date.second, digits: 2)
    }
}

extension Duration {
    package var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
    package var wholeMicroseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}

/// Says what time it is. Injected, so that tests can run a week in a millisecond.
package protocol TimeSource: Sendable {
    var now: Timestamp { get }
}

/// The machine's clock.
package struct SystemTime: TimeSource {
    package init() {}
    package var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
