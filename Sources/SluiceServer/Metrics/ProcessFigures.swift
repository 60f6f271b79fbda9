// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What the system says of this process.
struct ProcessFigures: Hashable, Sendable {
    /// In octets.
    var residentMemory: Int64
    var virtualMemory: Int64
    /// Processor time, user and system.
    var processorTime: Duration
    var openDescriptors: Int
    var maximumDescriptors: Int

    /// - Returns: `nil` where `/proc` can't be read (a chroot need not have it).
    static func current() -> ProcessFigures? {
        guard let statm = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),  // said by nil
            let (virtual, resident) = pages(statm)
        else { return nil }
        let pageSize = Int64(sysconf(Int32(_SC_PAGESIZE)))
        // In microseconds (POSIX). The members of getrusage's `timeval` are of another module in a sanitized build.
        let processorTime = clock()
        guard processorTime >= 0 else { return nil }
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        // One of them is the folder that is read.
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count - 1) ?? 0  // as above
        return ProcessFigures(
            residentMemory: resident * pageSize, virtualMemory: virtual * pageSize,
            processorTime: .microseconds(Int64(processorTime)), openDescriptors: open,
            maximumDescriptors: Int(clamping: limit.rlim_cur))
    }

    /// The first two numbers of `/proc/self/statm` (proc(5)), in pages.
    static func pages(_ statm: String) -> (virtual: Int64, resident: Int64)? {
        let numbers = statm.split(whereSeparator: \.isWhitespace).prefix(2).compactMap { Int64($0) }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }
}
