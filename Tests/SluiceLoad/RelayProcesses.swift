// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A relay and its workers.
struct RelayProcesses: Sendable {
    /// What they have together.
    struct Figures {
        /// Processor time of the relay itself, since its start.
        var relay: Duration
        /// Of its workers, those that have ended too.
        var workers: Duration
        /// The sum of the most that each that lives had resident.
        var residentPeak: Int
    }

    let relay: Int32

    /// The workers that live.
    func workers() throws -> Set<Int32> {
        let path = "/proc/\(relay)/task"
        var workers: Set<Int32> = []
        for task in try FileManager.default.contentsOfDirectory(atPath: path) {
            // A thread that has just ended has none.
            let children = (try? String(contentsOfFile: "\(path)/\(task)/children", encoding: .utf8)) ?? ""
            workers.formUnion(children.split(separator: " ").compactMap { Int32($0) })
        }
        return workers
    }

    func figures() throws -> Figures {
        let own = try ProcessFigures(process: relay)
        var all = Figures(relay: own.processorTime, workers: own.endedChildrenTime, residentPeak: own.residentPeak)
        for worker in try workers() {
            // One that has ended meanwhile is among the ended children from now on.
            guard let figures = try? ProcessFigures(process: worker, countsDescriptors: false) else { continue }
            all.workers += figures.processorTime
            all.residentPeak += figures.residentPeak
        }
        return all
    }

    /// Lets the peaks begin anew.
    func forgetPeaks() throws {
        for process in try workers().union([relay]) { try ProcessFigures.forgetPeak(process: process) }
    }
}
