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
        let parts = components
        let year = Self.digits(parts.year, 4)
        let day = "\(year)-\(Self.digits(parts.month, 2))-\(Self.digits(parts.day, 2))"
        return "\(day)T\(Self.time(parts)).\(Self.digits(Int(milliseconds - seconds * 1000), 3))Z"
    }

    /// `Tue, 24 Nov 2026 07:14:41 +0000` (RFC 5322 §3.3), in UTC.
    package var rfc5322: String {
        let parts = components
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let day =
            "\(days[(parts.weekday ?? 1) - 1]), \(parts.day ?? 1) \(months[(parts.month ?? 1) - 1]) \(parts.year ?? 1970)"
        return "\(day) \(Self.time(parts)) +0000"
    }

    /// The parts of the date in UTC. Made of whole seconds: a fraction would not survive the way through `Date`.
    private var components: DateComponents {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second, .weekday],
            from: Date(timeIntervalSince1970: Double(seconds)))
    }

    private static func time(_ parts: DateComponents) -> String {
        "\(digits(parts.hour, 2)):\(digits(parts.minute, 2)):\(digits(parts.second, 2))"
    }

    private static func digits(_ number: Int?, _ count: Int) -> String {
        let text = String(number ?? 0)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
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
