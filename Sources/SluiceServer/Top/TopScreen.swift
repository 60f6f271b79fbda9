// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// What `sluice top` shows of two snapshots, on a screen of any size. Pure: text without any control character.
package struct TopScreen: Sendable {
    private let snapshot: TopSnapshot
    private let rates: TopRates

    /// In the order in which they are shown.
    static let dispositions: [Disposition] = [.deliver, .quarantine, .reject, .defer, .discard]
    private static let states: [RecipientStep.State] = [.queued, .held, .quarantined]

    /// - Parameter earlier: without it rates are means since the start of the server.
    package init(_ snapshot: TopSnapshot, since earlier: TopSnapshot? = nil) {
        self.snapshot = snapshot
        rates = TopRates(from: earlier, to: snapshot)
    }

    // MARK: The screen

    /// At most `height` lines of at most `width` characters. Where there is no room for all, the last refusals go
    /// first, then the faster stages.
    package func lines(width: Int, height: Int) -> [String] {
        let width = max(0, width)
        let summary = summary
        let stages = TopText.columns(
            ["STAGE", "RUNS/S", "MEAN", "FAILED", "TIMED OUT"],
            rates.stages.map { stage in
                [
                    TopText.visible(stage.name), TopText.rate(stage.runs),
                    stage.milliseconds.map(TopText.milliseconds) ?? "-", "\(stage.failed)", "\(stage.timedOut)",
                ]
            })
        let refusals = TopText.columns(
            ["LAST REFUSALS", "ID", "CLIENT", "REPLY", "FROM"],
            snapshot.refusals.map { refusal in
                [
                    TopText.timeOfDay(refusal.time), TopText.visible(refusal.id), TopText.visible(refusal.client),
                    TopText.visible(refusal.words), "<\(TopText.visible(refusal.reversePath))>",
                ]
            }, numbersFrom: .max)
        var lines = summary
        let left = max(0, height - summary.count)
        // The stages get what is theirs, but for a few lines that refusals get where there are any.
        let kept = snapshot.refusals.isEmpty ? 0 : min(refusals.count + 1, left / 2)
        lines += Self.section(stages, room: left - kept)
        if !snapshot.refusals.isEmpty { lines += Self.section(refusals, room: height - lines.count) }
        return lines.prefix(max(0, height)).map { TopText.cut($0, to: width) }
    }

    /// An empty line, the heading, and as many rows as there is room for; nothing where there is none for a row.
    private static func section(_ table: [String], room: Int) -> [String] {
        guard table.count > 1, room >= 3 else { return [] }
        return [""] + table.prefix(room - 1)
    }

    private var summary: [String] {
        let messages = Self.dispositions.map { "\($0.rawValue) \(TopText.rate(rates.dispositions[$0] ?? 0))" }
        let queue = Self.states.map { "\($0.rawValue) \(snapshot.queue[$0.rawValue] ?? 0)" }
        let deliveries = ["delivered", "deferred", "bounced"].map {
            "\($0) \(TopText.rate(rates.deliveries[$0] ?? 0))"
        }
        let sync = rates.syncMilliseconds.map { ", \(TopText.milliseconds($0)) each" } ?? ""
        return [
            "sluice \(TopText.visible(snapshot.version)) on \(TopText.visible(snapshot.hostname)), up \(TopText.age(snapshot.time - snapshot.started)), \(TopText.timeOfDay(snapshot.time))",
            "messages   \(TopText.rate(rates.messages))/s: \(messages.joined(separator: ", "))",
            "sessions   \(snapshot.sessions), \(TopText.rate(rates.sessionsRefused))/s refused; \(snapshot.pipelinesRunning) messages in the chain, \(snapshot.pipelinesWaiting) before it",
            "queue      \(queue.joined(separator: ", ")); \(TopText.octets(snapshot.queueOctets)); oldest \(oldest)",
            "delivery   \(deliveries.joined(separator: ", ")) a second; \(snapshot.deliveryAttempts) under way",
            "journal    \(TopText.rate(rates.syncs)) syncs/s\(sync)",
            "workers    \(snapshot.workersBusy) busy, \(snapshot.workersIdle) idle, \(snapshot.workerFailures) failed so far",
            "process    \(TopText.octets(snapshot.memory)), \(TopText.percent(rates.processorShare)) of a processor",
        ]
    }

    private var oldest: String {
        snapshot.queue[RecipientStep.State.queued.rawValue] ?? 0 == 0
            ? "-" : TopText.age(.milliseconds(snapshot.oldestQueued))
    }

    // MARK: Without a terminal

    /// All that matters in one line.
    package var line: String {
        let messages = Self.dispositions.map { "\($0.rawValue) \(TopText.rate(rates.dispositions[$0] ?? 0))" }
        let queue = Self.states.map { "\($0.rawValue) \(snapshot.queue[$0.rawValue] ?? 0)" }
        let slowest = rates.stages.first { $0.milliseconds != nil }
        return [
            snapshot.time.rfc3339, "\(TopText.rate(rates.messages)) messages/s", messages.joined(separator: " "),
            queue.joined(separator: " "), "oldest \(oldest)",
            "slowest "
                + (slowest.map { "\(TopText.visible($0.name)) \(TopText.milliseconds($0.milliseconds ?? 0))" } ?? "-"),
            "last refusal "
                + (snapshot.refusals.first.map { "\(TopText.visible($0.id)) \(TopText.visible($0.reply))" } ?? "-"),
        ].joined(separator: "  ")
    }

    /// The same for programs: rates a second, and counts since the start of the server.
    package var json: JSONValue {
        func counts(_ counts: [String: Int64], _ keys: [String]) -> JSONValue {
            .object(keys.map { .init($0, .integer(counts[$0] ?? 0)) })
        }
        return [
            "time": .string(snapshot.time.rfc3339), "started": .string(snapshot.started.rfc3339),
            "hostname": .string(snapshot.hostname), "version": .string(snapshot.version),
            "seconds": .number(rates.seconds), "messages_per_second": .number(rates.messages),
            "dispositions_per_second": .object(
                Self.dispositions.map { .init($0.rawValue, .number(rates.dispositions[$0] ?? 0)) }),
            "messages": counts(snapshot.messages, Self.dispositions.map(\.rawValue)),
            "unrecorded_refusals": .integer(snapshot.unrecordedRefusals),
            "sessions": .integer(snapshot.sessions), "sessions_refused": .integer(snapshot.sessionsRefused),
            "queue": counts(snapshot.queue, Self.states.map(\.rawValue)),
            "queue_octets": .integer(snapshot.queueOctets),
            "oldest_queued_seconds": .number(Double(snapshot.oldestQueued) / 1000),
            "deliveries": counts(snapshot.deliveries, ["delivered", "deferred", "bounced"]),
            "stages": .array(rates.stages.map(\.json)),
            "syncs_per_second": .number(rates.syncs), "sync_milliseconds": .optional(rates.syncMilliseconds),
            "workers": [
                "busy": .integer(snapshot.workersBusy), "idle": .integer(snapshot.workersIdle),
                "failures": .integer(snapshot.workerFailures),
            ],
            "memory_octets": .integer(snapshot.memory), "processors": .number(rates.processorShare),
            "refusals": .array(snapshot.refusals.map(\.json)),
        ]
    }
}

extension TopRates.Stage {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "runs_per_second": .number(runs), "milliseconds": .optional(milliseconds),
            "failed": .integer(failed), "timed_out": .integer(timedOut),
        ]
    }
}

extension TopSnapshot.Refusal {
    /// The reply without the id, which has a column of its own.
    fileprivate var words: String {
        let asked = " (id \(id))"
        return reply.hasSuffix(asked) ? String(reply.dropLast(asked.count)) : reply
    }

    fileprivate var json: JSONValue {
        [
            "time": .string(time.rfc3339), "id": .string(id), "client": .string(client),
            "reverse_path": .string(reversePath), "reply": .string(reply),
        ]
    }
}
