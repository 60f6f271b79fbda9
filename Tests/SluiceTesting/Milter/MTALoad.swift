// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import Synchronization

/// Sends messages through a milter over many connections at once, each until the MTA has an answer for the client, and
/// notes what became of each.
///
/// A message that was accepted is one that the MTA delivers; one that the milter failed on stays with the client, which
/// comes again as long as ``patience`` lasts. So each id ends in exactly one list of the report.
package struct MTALoad: Sendable {
    package var address: MTAAddress
    package var connections = 10
    /// How many messages in all.
    package var messages = 100
    package var messagesPerConnection = 10
    package var offer = MTAOffer.full
    package var model = MTAModel.postfix
    /// Begins every id, so that several runs can be told apart.
    package var idPrefix = "load"
    /// An MTA's time-outs.
    package var timeout = TimeAmount.seconds(10)
    /// How long a client comes again after a 4yz reply or a broken connection.
    package var patience = TimeAmount.zero
    /// The message of a number; the header field that carries its id is put before it.
    package var message: @Sendable (Int) -> MTAMessage = { _ in MTAMessage() }
    /// Called around each packet of every session.
    package var hook: MTASession.Hook?

    package init(_ address: MTAAddress) { self.address = address }

    /// The header field that carries the id.
    package static let idField = "X-Load-Id"

    package struct Report: Sendable {
        /// The ids of messages that the MTA delivers, with what it delivers.
        package var accepted: [String: MTAOutcome] = [:]
        /// Those in the MTA's hold queue.
        package var held: [String: MTAOutcome] = [:]
        /// Those of which the client was told that they are accepted, and that nobody gets from the MTA.
        package var discarded: [String: MTAOutcome] = [:]
        package var rejected: [String: MTAOutcome] = [:]
        /// Those that the client still has when its patience is over.
        package var kept: [String: MTAOutcome] = [:]
        /// How often a client came again.
        package var retries = 0
        /// What the milter did against the protocol.
        package var violations: [String] = []
        /// The ids that the MTA delivers without the milter having judged the content.
        package var unjudged: [String] { accepted.filter { !$0.value.isJudged }.map(\.key) }

        mutating func note(_ id: String, _ outcome: MTAOutcome) {
            violations += outcome.violations
            switch outcome.disposition {
            case .accepted: accepted[id] = outcome
            case .held: held[id] = outcome
            case .discarded: discarded[id] = outcome
            case .rejected: rejected[id] = outcome
            case .deferred, .failed: kept[id] = outcome
            }
        }

        mutating func merge(_ other: Report) {
            accepted.merge(other.accepted) { old, _ in old }
            held.merge(other.held) { old, _ in old }
            discarded.merge(other.discarded) { old, _ in old }
            rejected.merge(other.rejected) { old, _ in old }
            kept.merge(other.kept) { old, _ in old }
            retries += other.retries
            violations += other.violations
        }
    }

    /// Runs to the end.
    ///
    /// - Parameter onOutcome: called for each id whose outcome the client was told, before anything else is sent there.
    package func run(onOutcome: @escaping @Sendable (String, MTAOutcome) -> Void = { _, _ in }) async -> Report {
        let next = Counter()
        return await withTaskGroup(of: Report.self) { group in
            for _ in 0..<connections { group.addTask { await share(of: next, onOutcome: onOutcome) } }
            var report = Report()
            for await part in group { report.merge(part) }
            return report
        }
    }

    /// Numbers the messages of all connections.
    private final class Counter: Sendable {
        private let value = Atomic(0)
        func take() -> Int { value.add(1, ordering: .relaxed).oldValue }
    }

    private func share(of next: Counter, onOutcome: @Sendable (String, MTAOutcome) -> Void) async -> Report {
        var report = Report()
        var session: MTASession?
        var sent = 0
        while true {
            let number = next.take()
            guard number < messages else { break }
            let id = "\(idPrefix)-\(number)"
            var message = message(number)
            message.content = Array("\(Self.idField): \(id)\r\n".utf8) + message.content
            message.queueID = "4g\(id)"
            let end = NIODeadline.now() + patience
            while true {
                let outcome = await attempt(message, over: &session)
                sent += 1
                if outcome.isKept { await Self.close(&session) }
                guard outcome.isKept, NIODeadline.now() < end else {
                    if !outcome.isKept { onOutcome(id, outcome) }
                    report.note(id, outcome)
                    break
                }
                report.retries += 1
                report.violations += outcome.violations
                try? await Task.sleep(for: .milliseconds(20))  // a cancelled one comes again at once
            }
            if sent >= messagesPerConnection {
                await Self.close(&session)
                sent = 0
            }
        }
        await Self.close(&session)
        return report
    }

    private func attempt(_ message: MTAMessage, over session: inout MTASession?) async -> MTAOutcome {
        do {
            let open: MTASession
            if let session {
                open = session
            } else {
                open = try await MTASession.open(address, offer: offer, model: model, timeout: timeout, hook: hook)
                session = open
            }
            return await open.send(message)
        } catch {
            return MTAOutcome(
                disposition: .failed(error as? MTAConnection.Failure ?? .closed), step: .negotiation,
                sender: message.sender, recipients: message.recipients, content: MTAContent(message.content))
        }
    }

    private static func close(_ session: inout MTASession?) async {
        do {
            try await session?.quit()
        } catch {
            try? await session?.connection.close()  // it is broken already
        }
        session = nil
    }
}
