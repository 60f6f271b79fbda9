// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension TopSnapshot {
    /// Takes in what was counted.
    mutating func add(_ samples: [MetricSample]) {
        var stages: [String: Stage] = [:]
        for sample in samples { add(sample, &stages) }
        self.stages = stages.values.sorted { $0.name < $1.name }
    }

    private mutating func add(_ sample: MetricSample, _ stages: inout [String: Stage]) {
        let number = Int64(sample.number)
        switch sample.name {
        case "sluice_messages_total": messages[sample.label(1), default: 0] += number
        case "sluice_refusals_unrecorded_total": unrecordedRefusals += number
        case "sluice_sessions": sessions += number
        case "sluice_sessions_refused_total": sessionsRefused += number
        case "sluice_deliveries_total": deliveries[sample.label(0), default: 0] += number
        case "sluice_delivery_attempts": deliveryAttempts = number
        case "sluice_queue_recipients": queue[sample.label(0)] = number
        case "sluice_queue_bytes": queueOctets = number
        case "sluice_queue_oldest_age_seconds" where sample.label(0) == RecipientStep.State.queued.rawValue:
            oldestQueued = Int64(sample.number * 1000)
        case "sluice_stage_outcomes_total":
            stages[sample.label(0), default: Stage(name: sample.label(0))].add(number, sample.label(1))
        case "sluice_stage_duration_seconds":
            stages[sample.label(0), default: Stage(name: sample.label(0))].microseconds = sample.microseconds
        case "sluice_pipelines" where sample.label(0) == "running": pipelinesRunning = number
        case "sluice_pipelines": pipelinesWaiting = number
        case "sluice_workers" where sample.label(0) == "busy": workersBusy = number
        case "sluice_workers" where sample.label(0) == "idle": workersIdle = number
        case "sluice_worker_failures_total": workerFailures = number
        case "sluice_journal_sync_duration_seconds":
            syncs = number
            syncMicroseconds = sample.microseconds
        case "process_resident_memory_bytes": memory = number
        case "process_cpu_seconds_total": processorMilliseconds = Int64(sample.number * 1000)
        default: return  // for Prometheus
        }
    }
}

extension TopSnapshot.Stage {
    fileprivate mutating func add(_ count: Int64, _ outcome: String) {
        switch StageRecord.Outcome(rawValue: outcome) {
        case .ran: ran += count
        case .skipped: skipped += count
        case .timedOut: timedOut += count
        case .failed: failed += count
        case nil: return
        }
    }
}

extension MetricSample {
    fileprivate func label(_ index: Int) -> String { labels.indices.contains(index) ? labels[index] : "" }

    /// The sum of a histogram of seconds.
    fileprivate var microseconds: Int64 {
        if case .histogram(let counts) = value { Int64(counts.sum * 1e6) } else { 0 }
    }
}
