// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Reads the dates of header fields (RFC 5322 §3.3, 4.3), as loosely as mail writes them.
enum MailDate {
    /// Seconds since 1970; `nil` where the text holds no date.
    static func seconds(_ value: [UInt8]) -> Int64? {
        let text = String(latin1OrUTF8: value.prefix(120))
        let words = text.utf8.split { $0 == 0x20 || $0 == UInt8(ascii: ",") || $0 == 0x09 }.map { Substring($0) }
        guard let monthIndex = words.firstIndex(where: { month($0) != nil }), monthIndex > 0,
            monthIndex + 1 < words.count, let month = month(words[monthIndex])
        else { return nil }
        guard let day = Int64(words[monthIndex - 1]), (1...31).contains(day),
            var year = Int64(words[monthIndex + 1]), (0...9999).contains(year)
        else { return nil }
        // RFC 5322 §4.3: two digits below 50 are of this century, three count from 1900.
        if words[monthIndex + 1].utf8.count < 4 { year += year < 50 ? 2000 : 1900 }
        var seconds = days(year: year, month: month, day: day) * 86400
        let rest = words[(monthIndex + 2)...]
        guard let time = rest.first else { return seconds }
        let parts = time.split(separator: ":").map { Int64($0) ?? -1 }
        guard parts.count >= 2, parts.count <= 3, parts.allSatisfy({ (0...60).contains($0) }) else { return nil }
        seconds += parts[0] * 3600 + parts[1] * 60 + (parts.count == 3 ? parts[2] : 0)
        if let zone = rest.dropFirst().first { seconds -= offset(zone) }
        return seconds
    }

    private static func month(_ word: Substring) -> Int64? {
        guard word.utf8.count >= 3 else { return nil }
        // Most words of a date begin with a digit.
        guard let first = word.utf8.first, !first.isASCIIDigit else { return nil }
        return months[word.prefix(3).asciiLowercased()]
    }

    private static let months: [String: Int64] = [
        "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
        "dec": 12,
    ]

    /// The zone in seconds east; unknown ones count as UTC (RFC 5322 §4.3).
    private static func offset(_ zone: Substring) -> Int64 {
        guard let sign = zone.first, sign == "+" || sign == "-", let number = Int64(zone.dropFirst()), number <= 2400
        else { return ["EST": -18000, "EDT": -14400, "PST": -28800, "PDT": -25200, "CST": -21600][String(zone)] ?? 0 }
        let seconds = number / 100 * 3600 + number % 100 * 60
        return sign == "-" ? -seconds : seconds
    }

    /// Days from 1970-01-01 to a day of the Gregorian calendar.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
    }
}
