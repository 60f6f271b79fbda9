// SPDX-License-Identifier: Apache-2.0
import Metrics
import SluiceCore

/// What is counted of each stage: its outcomes and its time.
struct StageMetrics: Sendable {
    private let ran: Counter
    private let skipped: Counter
    private let timedOut: Counter
    private let failed: Counter
    private let time: Metrics.Timer

    init(stage: String) {
        func counter(_ outcome: StageRecord.Outcome) -> Counter {
            Counter(
                label: "sluice_stage_outcomes_total", dimensions: [("stage", stage), ("outcome", outcome.rawValue)])
        }
        ran = counter(.ran)
        skipped = counter(.skipped)
        timedOut = counter(.timedOut)
        failed = counter(.failed)
        time = Metrics.Timer(label: "sluice_stage_duration_seconds", dimensions: [("stage", stage)])
    }

    func count(_ record: StageRecord) {
        switch record.outcome {
        case .ran: ran.increment()
        case .skipped: skipped.increment()
        case .timedOut: timedOut.increment()
        case .failed: failed.increment()
        }
        if record.outcome != .skipped { time.recordMicroseconds(record.microseconds) }
    }
}
