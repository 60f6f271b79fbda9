// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceFilter
import SluiceQueue

/// Releases what is held: it is delivered with the recorded edits. Only the virus scan runs again, with today's
/// signatures; what it finds, or that it can't run, leaves the message held.
struct QuarantineRelease: Sendable {
    let queue: MailQueue
    /// The scanner in force; `nil` where no pipeline scans.
    let scanner: @Sendable () -> ReleaseScanner?
    let logger: Logger

    enum Outcome: Equatable, Sendable {
        /// So many recipients.
        case released(Int)
        case stillHeld(String)
    }

    /// - Parameters:
    ///   - isUnscanned: an operator takes it upon himself: the scan is left out, and the record says who did so.
    ///   - by: who releases it.
    func release(_ item: QueueItem, isUnscanned: Bool, by: String, now: Timestamp) async throws -> Outcome {
        if !isUnscanned, let why = try await objection(to: item, now: now) { return .stillHeld(why) }
        let why = isUnscanned ? "released without a virus scan" : "released"
        let changes = item.recipients.enumerated().filter { $0.element.state.name == .quarantined }.map {
            StateChange(
                item: item.id, recipient: $0.offset,
                state: .queued(attempts: $0.element.attempts, nextAttempt: now), by: by, why: why)
        }
        _ = try await queue.apply(changes)
        logger.notice(
            "released from quarantine",
            metadata: ["id": "\(item.messageID)", "by": "\(by)", "scanned": "\(!isUnscanned)"])
        return .released(changes.count)
    }

    /// What the scanner has against it; `nil` where nothing.
    private func objection(to item: QueueItem, now: Timestamp) async throws -> String? {
        guard let scanner = scanner() else { return nil }
        let outcome = await scanner.scan(try Message(try queue.content(of: item.id)), of: item, now: now)
        for record in outcome.stages {
            switch record.outcome {
            case .failed, .timedOut:
                return "\(record.name) could not check it: \(record.reason ?? record.outcome.rawValue)"
            case .ran, .skipped:
                if record.verdict.disposition != .deliver {
                    return
                        "\(record.name): \(record.findings.first?.why ?? record.verdict.reason ?? record.verdict.word)"
                }
            }
        }
        return nil
    }
}
