// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// The processes that run a worker program of the drill's own name, which is how it knows them from any other.
struct DrillWorkers: Sendable {
    /// What the pool starts.
    let executable: String

    /// A link to the real worker.
    init(linkTo worker: String, in directory: String) throws {
        executable = directory + "/sluice-worker"
        try FileManager.default.createSymbolicLink(atPath: executable, withDestinationPath: worker)
    }

    /// The ids of those that run now.
    var processes: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let wanted = Array(executable.utf8) + [0]
        return names.compactMap { Int32($0) }.filter { id in
            // One that ends meanwhile is none of them any more.
            guard let line = try? Data(contentsOf: URL(filePath: "/proc/\(id)/cmdline")) else { return false }
            return line.elementsEqual(wanted)
        }
    }

    func signal(_ number: Int32) { for process in processes { kill(process, number) } }

    /// Waits until one runs.
    func awaitProcess() async throws {
        let end = ContinuousClock.now + .seconds(20)
        while processes.isEmpty {
            guard ContinuousClock.now < end else { throw ServerError(message: "sluice-worker does not start") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
