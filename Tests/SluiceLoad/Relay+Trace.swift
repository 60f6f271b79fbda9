// SPDX-License-Identifier: Apache-2.0
import Foundation

extension Relay {
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
            + trace.findings.filter { $0.score == 0 && !["SPF_PASS", "DKIM_NONE"].contains($0.name) }.map {
                "\($0.name): \($0.why)"
            }
    }
}
