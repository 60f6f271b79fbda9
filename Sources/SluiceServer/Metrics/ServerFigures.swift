// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceDelivery
import SluiceFilter
import SluiceHistory
import SluiceNative
import SluiceQueue

/// What is not counted as it happens but looked at when somebody asks: queue, sessions, workers, disk, the process.
struct ServerFigures: Sendable {
    let queue: MailQueue
    let history: History
    let delivery: DeliveryService
    let reception: Reception
    let workers: WorkerPool?
    let state: String
    let time: any TimeSource
    /// When the server was started.
    let started: Timestamp

    /// Asks the disk: to be called on a thread that may wait for it.
    func samples() -> [MetricSample] {
        queueSamples() + receptionSamples() + storageSamples() + workerSamples() + processSamples() + [
            MetricSample("sluice_build_info", by: [SluiceVersion.current], 1)
        ]
    }

    private func queueSamples() -> [MetricSample] {
        let statistics = queue.statistics()
        let oldest = queue.oldest()
        let now = time.now
        var samples = [
            MetricSample("sluice_queue_messages", statistics.messages),
            MetricSample("sluice_queue_bytes", statistics.octets),
            MetricSample("sluice_quarantine_bytes", statistics.quarantinedOctets),
            MetricSample("sluice_quarantine_limit_bytes", reception.settings.configuration.quarantine.size),
            MetricSample("sluice_delivery_attempts", delivery.activeCount),
        ]
        for state in QueueFigures.states {
            let age = oldest[state].map { max(.zero, now - $0) } ?? .zero
            samples += [
                MetricSample("sluice_queue_recipients", by: [state.rawValue], statistics.recipients[state] ?? 0),
                MetricSample(
                    "sluice_queue_oldest_age_seconds", by: [state.rawValue], Double(age.wholeMilliseconds) / 1000),
            ]
        }
        return samples
    }

    private func receptionSamples() -> [MetricSample] {
        let pipelines = reception.admission.figures
        return sessionSamples("smtp", reception.gate.figures) + sessionSamples("milter", reception.mtaGate.figures) + [
            MetricSample("sluice_pipelines", by: ["running"], pipelines.running),
            MetricSample("sluice_pipelines", by: ["waiting"], pipelines.waiting),
            MetricSample("sluice_content_memory_bytes", reception.contentMemory.octets),
        ]
    }

    private func sessionSamples(_ protocolName: String, _ figures: SessionGate.Figures) -> [MetricSample] {
        [
            MetricSample("sluice_sessions", by: [protocolName], figures.count),
            MetricSample("sluice_sessions_opened_total", by: [protocolName], figures.opened),
        ]
            + SessionGate.Limit.allCases.map { limit in
                MetricSample(
                    "sluice_sessions_refused_total", by: [protocolName, limit.rawValue], figures.refused[limit] ?? 0)
            }
    }

    private func storageSamples() -> [MetricSample] {
        let history = history.figures
        var samples = [
            MetricSample("sluice_ledger_records_total", queue.ledgerWitness().length),
            MetricSample("sluice_history_dropped_total", history.dropped),
            MetricSample("sluice_history_pending", history.pending),
            MetricSample("sluice_history_limit_bytes", reception.settings.configuration.history.size),
        ]
        for part in ["journal", "ledger", "history"] {
            // A folder that can't be read has no size: the series is missing then, which an alert can tell.
            guard let octets = try? Self.size(ofFilesIn: state + "/" + part) else { continue }
            samples.append(MetricSample("sluice_state_bytes", by: [part], octets))
        }
        if let spare = reception.spareSpace() { samples.append(MetricSample("sluice_disk_spare_bytes", spare)) }
        return samples
    }

    /// Octets of the files in a folder, without those in folders below.
    static func size(ofFilesIn folder: String) throws -> Int64 {
        try FileManager.default.contentsOfDirectory(
            at: URL(filePath: folder), includingPropertiesForKeys: [.fileSizeKey]
        ).reduce(0) { sum, file in
            // One that has gone meanwhile takes no room.
            sum + Int64((try? file.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0)
        }
    }

    private func workerSamples() -> [MetricSample] {
        let figures = workers?.figures ?? WorkerFigures()
        return [
            MetricSample("sluice_workers", by: ["starting"], figures.starting),
            MetricSample("sluice_workers", by: ["idle"], figures.idle),
            MetricSample("sluice_workers", by: ["busy"], figures.busy),
            MetricSample("sluice_worker_scans_waiting", figures.waiting),
            MetricSample("sluice_worker_starts_total", figures.starts),
            MetricSample("sluice_worker_failures_total", figures.failures),
        ]
    }

    private func processSamples() -> [MetricSample] {
        let start = MetricSample("process_start_time_seconds", Double(started.milliseconds) / 1000)
        guard let figures = ProcessFigures.current() else { return [start] }
        return [
            start, MetricSample("process_resident_memory_bytes", figures.residentMemory),
            MetricSample("process_virtual_memory_bytes", figures.virtualMemory),
            MetricSample("process_cpu_seconds_total", Double(figures.processorTime.wholeMicroseconds) / 1e6),
            MetricSample("process_open_fds", figures.openDescriptors),
            MetricSample("process_max_fds", figures.maximumDescriptors),
        ]
    }
}
