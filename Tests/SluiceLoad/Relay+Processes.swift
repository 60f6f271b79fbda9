// SPDX-License-Identifier: Apache-2.0
import Foundation

extension Relay {
    /// What the relay and its workers have together.
    struct AllFigures {
        /// Processor time of the relay itself, since its start.
        var relay: Duration
        /// Of its workers, those that have ended too.
        var workers: Duration
        /// The sum of the most that each that lives had resident.
        var residentPeak: Int
    }

    func allFigures() throws -> AllFigures {
        let own = try figures()
        var all = AllFigures(relay: own.processorTime, workers: own.endedChildrenTime, residentPeak: own.residentPeak)
        for worker in try workers() {
            // One that has ended meanwhile is among the ended children from now on.
            guard let figures = try? ProcessFigures(process: worker, countsDescriptors: false) else { continue }
            all.workers += figures.processorTime
            all.residentPeak += figures.residentPeak
        }
        return all
    }

    func forgetAllPeaks() throws {
        try forgetPeak()
        for worker in try workers() { try ProcessFigures.forgetPeak(process: worker) }
    }

    /// What the record of a message says of limits: the stages that failed, and the findings without a score.
    func limitsMet(by id: String) throws -> [String] {
        struct Trace: Decodable {
            struct Stage: Decodable {
                var name: String
                var outcome: String
                var reason: String?
            }
            struct Finding: Decodable {
                var name: String
                var score: Double
                var why: String
            }
            var stages: [Stage]
            var findings: [Finding]
        }
        guard !id.isEmpty else { return [] }
        let trace = try JSONDecoder().decode(
            Trace.self, from: try output("trace", id, "--config", configuration, "--json"))
        return trace.stages.filter { $0.outcome == "failed" || $0.outcome == "timed_out" }
            .map { "\($0.name) \($0.outcome): \($0.reason ?? "")" }
            + trace.findings.filter { $0.score == 0 }.map { "\($0.name): \($0.why)" }
    }
}
