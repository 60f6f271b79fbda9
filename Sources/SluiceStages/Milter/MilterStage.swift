// SPDX-License-Identifier: Apache-2.0
import NIOPosix
package import SluiceCore
package import SluiceFilter
import SluiceMilter

/// Has another program look at the message, by the milter protocol: stage `milter`.
///
/// The filter sees the message with the edits of the stages before, and its own changes are edits like any stage's.
/// Where it can't be reached, breaks off or takes too long, the stage has failed: nothing passes unseen.
package struct MilterStage: FilterStage {
    package static let name = "milter"
    package static let placement = StagePlacement(edits: true, isSkippable: false, mayRepeat: true)
    package static let defaults = StageDefaults(onError: .defer, timeout: .seconds(60))

    /// `milter:rspamd`, or `milter` where it has no name.
    package static func label(of configuration: Configuration) -> String {
        configuration.name.isEmpty ? name : "\(name):\(configuration.name)"
    }

    package static func placement(of configuration: Configuration) -> StagePlacement {
        StagePlacement(
            edits: configuration.edits && !configuration.signs, signs: configuration.signs,
            isSkippable: configuration.isSkippable && !configuration.signs, mayRepeat: true)
    }

    private let configuration: Configuration
    private let client: MilterConnections

    /// - Throws: ``MilterStageError/noAddress`` where the configuration has none.
    package init(configuration: Configuration, services: StageServices) throws {
        guard let address = configuration.address else { throw MilterStageError.noAddress }
        self.configuration = configuration
        client = MilterConnections(
            address: address, connections: configuration.connections, timeouts: configuration.timeouts,
            group: MultiThreadedEventLoopGroup.singleton)
    }

    package func evaluate(_ message: Message, in context: StageContext) async throws -> StageResult {
        let transaction = try MilterTransaction(message, context, daemonName: configuration.daemonName)
        let outcome = try await client.filter(transaction)
        let answer = try MilterAnswer(outcome, recipients: context.envelope.recipients)
        var result = StageResult(verdict: answer.verdict, recipientVerdicts: answer.recipientVerdicts)
        result.findings = [finding(answer, outcome)] + answer.recipientFindings
        // What is refused or discarded is not edited: edits that can't be made must not turn it into a failure.
        switch answer.verdict.disposition {
        case .discard, .defer, .reject: return result
        case .deliver, .quarantine: break
        }
        var editing = MilterEditing(message.header, options: outcome.options)
        try editing.make(outcome.modifications)
        result.findings += editing.findings(areMade: configuration.edits)
        if configuration.edits { result.edits = editing.edits }
        return result
    }

    private func finding(_ answer: MilterAnswer, _ outcome: MilterClientOutcome) -> Finding {
        var why = "the filter at \(client.address) answered \(outcome.answer.word) (at \(outcome.step))"
        if let reason = answer.verdict.reason { why += ": \(reason)" }
        return Finding(name: answer.findingName, why: why)
    }
}

/// Why a message could not be told to a filter, or its answer not be carried out.
enum MilterStageError: Error, Hashable, CustomStringConvertible {
    case noAddress
    case nulInField(String)
    case notAReply(String)
    case notAFieldName(String)
    case notAMailbox(String)

    var description: String {
        switch self {
        case .noAddress: "address is missing"
        case .nulInField(let name): "the field \(name) holds a NUL, which the milter protocol can't tell"
        case .notAReply(let text): "the filter asked for the reply “\(text)”, 4yz or 5yz and a text would be right"
        case .notAFieldName(let text): "the filter asked for a field named “\(text)”"
        case .notAMailbox(let text): "the filter named “\(text)”, which is no mailbox"
        }
    }
}
