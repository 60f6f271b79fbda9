// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative

/// What a running server can tell of itself at any moment.
struct RunningFigures: Sendable {
    private let registry: MetricsRegistry
    private let figures: ServerFigures

    init(_ registry: MetricsRegistry, _ figures: ServerFigures) {
        self.registry = registry
        self.figures = figures
    }

    /// - Throws: where the threads that may wait for the disk have too much to do.
    func snapshot() async throws -> TopSnapshot {
        let samples = try await figures.reception.disk.run { registry.samples() + figures.samples() }
        var snapshot = TopSnapshot(
            time: figures.time.now, started: figures.started,
            hostname: figures.reception.settings.configuration.hostname, version: SluiceVersion.current)
        snapshot.add(samples)
        snapshot.refusals = figures.reception.recentRefusals.latest.map { record in
            TopSnapshot.Refusal(
                time: record.time, id: record.id, client: "\(record.client.address)",
                reversePath: record.reversePath.written, reply: "\(record.reply)")
        }
        return snapshot
    }
}
