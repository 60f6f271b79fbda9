// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What a process has of the machine, from `/proc`.
struct ProcessFigures {
    struct Gone: Error, CustomStringConvertible { var description: String { "the relay has ended" } }

    /// Resident memory, in octets.
    var resident: Int
    /// The most resident memory since the start, or since it was forgotten.
    var residentPeak: Int
    var descriptors: Int
    var threads: Int
    /// User and system time.
    var processorTime: Duration
    /// Of children that have ended.
    var endedChildrenTime: Duration

    /// - Parameter countsDescriptors: needs to be of the same user as the process, or root.
    init(process: Int32, countsDescriptors: Bool = true) throws {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        func value(_ name: String) throws -> Int {
            for line in status.split(separator: "\n") where line.hasPrefix(name + ":") {
                if let value = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) {
                    return value
                }
            }
            throw Gone()  // a process that has ended has no memory
        }
        // One that has ended and was not yet waited for has time, but no memory.
        let hasEnded = status.contains("State:\tZ")
        resident = hasEnded ? 0 : try value("VmRSS") << 10
        residentPeak = hasEnded ? 0 : try value("VmHWM") << 10
        threads = try value("Threads")
        descriptors =
            !countsDescriptors ? 0 : try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        // Behind the name, which stands in parentheses; the 14th to 17th fields of all (proc(5)), in ticks of 10 ms.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        let times = fields.dropFirst(11).prefix(4).compactMap { Int($0) }
        guard times.count == 4 else { throw Gone() }
        processorTime = .milliseconds((times[0] + times[1]) * 10)
        endedChildrenTime = .milliseconds((times[2] + times[3]) * 10)
    }

    /// Lets the peak begin anew.
    static func forgetPeak(process: Int32) throws {
        try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/\(process)/clear_refs"))
    }
}
