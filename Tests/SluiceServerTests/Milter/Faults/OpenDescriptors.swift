// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The descriptors and the memory of this process, in which the server runs.
enum OpenDescriptors {
    static var count: Int {
        get throws { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
    }

    /// What is in memory, in octets.
    static var residentSize: Int {
        get throws {
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            return (line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0)
                << 10
        }
    }

    /// Waits until there are no more than so many.
    static func expect(atMost limit: Int) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while try count > limit, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(20)) }
        let left = try count
        #expect(left <= limit, "descriptors left open")
    }
}
