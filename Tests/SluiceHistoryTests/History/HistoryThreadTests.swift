// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Logging
import SluiceHistory
import Testing

@Suite("The history's own thread", .timeLimit(.minutes(1))) struct HistoryThreadTests {
    @Test("searches that take long keep no task's thread: others go on meanwhile")
    func othersGoOn() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/sluice-history-\(UInt64.random(in: 0 ..< .max))"
        defer { try? FileManager.default.removeItem(atPath: directory) }  // a temporary folder
        let history = try History(directory: directory, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let release = DispatchSemaphore(value: 0)
        let count = ProcessInfo.processInfo.activeProcessorCount * 2
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await history.perform { _ in
                        release.wait()
                        return number
                    }
                }
            }
            // As many as there are threads for tasks, and more, wait now; this one still gets a turn.
            group.addTask {
                try await Task.sleep(for: .milliseconds(50))
                for _ in 0..<count { release.signal() }
                return count
            }
            let finished = try await group.reduce(into: []) { $0.append($1) }
            #expect(finished.sorted() == Array(0...count))
        }
    }
}
