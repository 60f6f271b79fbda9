// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// What `sluice top` is told at one moment. Counts are since the start of the server; two snapshots make rates.
package struct TopSnapshot: Hashable, Sendable, Codable {
    /// A stage, over all pipelines.
    package struct Stage: Hashable, Sendable, Codable {
        package var name: String
        package var ran: Int64 = 0
        package var skipped: Int64 = 0
        package var timedOut: Int64 = 0
        package var failed: Int64 = 0
        /// All its runs together, in microseconds.
        package var microseconds: Int64 = 0

        package init(name: String) { self.name = name }

        /// Runs that took time: a skipped one takes none.
        package var runs: Int64 { ran + timedOut + failed }
    }

    package struct Refusal: Hashable, Sendable, Codable {
        package var time: Timestamp
        package var id: String
        package var client: String
        package var reversePath: String
        package var reply: String

        package init(time: Timestamp, id: String, client: String, reversePath: String, reply: String) {
            self.time = time
            self.id = id
            self.client = client
            self.reversePath = reversePath
            self.reply = reply
        }
    }

    package var time: Timestamp
    package var started: Timestamp
    package var hostname: String
    package var version: String
    /// By disposition.
    package var messages: [String: Int64] = [:]
    /// Refusals before DATA that were only counted.
    package var unrecordedRefusals: Int64 = 0
    package var sessions: Int64 = 0
    package var sessionsRefused: Int64 = 0
    /// By outcome: delivered, deferred, bounced.
    package var deliveries: [String: Int64] = [:]
    package var deliveryAttempts: Int64 = 0
    /// Recipients that are not finished, by state.
    package var queue: [String: Int64] = [:]
    package var queueOctets: Int64 = 0
    /// How old the oldest is that waits for delivery, in milliseconds.
    package var oldestQueued: Int64 = 0
    package var stages: [Stage] = []
    package var pipelinesRunning: Int64 = 0
    package var pipelinesWaiting: Int64 = 0
    package var workersBusy: Int64 = 0
    package var workersIdle: Int64 = 0
    package var workerFailures: Int64 = 0
    package var syncs: Int64 = 0
    /// All syncs together, in microseconds.
    package var syncMicroseconds: Int64 = 0
    /// In octets.
    package var memory: Int64 = 0
    /// Processor time, in milliseconds.
    package var processorMilliseconds: Int64 = 0
    /// The latest first.
    package var refusals: [Refusal] = []

    package init(time: Timestamp, started: Timestamp, hostname: String, version: String) {
        self.time = time
        self.started = started
        self.hostname = hostname
        self.version = version
    }
}
