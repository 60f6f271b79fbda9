// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore

/// A time on the command line: how far back (`2h`), seconds since 1970, or RFC 3339.
enum TimeArgument {
    static func read(_ text: String, option: String) throws -> Timestamp {
        if let duration = Duration(written: text) { return SystemTime().now - duration }
        if let seconds = Int64(text) { return Timestamp(seconds: seconds) }
        let day = Date.ISO8601FormatStyle().year().month().day()
        if let date = (try? Date(text, strategy: .iso8601)) ?? (try? Date(text, strategy: day)) {  // said below
            return Timestamp(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
        }
        throw CommandFailure(.usage, "\(option) \(text): 2h, 2026-11-24 or 2026-11-24T07:00:00Z would be right")
    }
}
