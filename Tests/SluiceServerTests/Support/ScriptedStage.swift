// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceFilter
import SluiceServer

/// A stage that concludes what the message itself asks for, in its field `X-Script`.
struct ScriptedStage: FilterStage {
    struct Configuration: ConfigurationReadable, Sendable {
        init(reading section: ConfigurationSection) {}
    }

    /// What stands in the field, as JSON.
    struct Script: Codable {
        var verdict = Verdict.pass
        /// By the address.
        var recipients: [String: Verdict] = [:]
        var edits: [MessageEdit] = []
        var milliseconds = 0

        /// The field, for the top of a message.
        func field() throws -> String {
            "X-Script: \(String(decoding: try JSONEncoder().encode(self), as: UTF8.self))\r\n"
        }
    }

    static let name = "scripted"

    init(configuration: Configuration, services: StageServices) {}

    func evaluate(_ message: Message, in context: StageContext) async throws -> StageResult {
        guard let field = message.header.first("X-Script") else { return StageResult() }
        let script = try JSONDecoder().decode(Script.self, from: Data(field.unfoldedOctets))
        if script.milliseconds > 0 { try await Task.sleep(for: .milliseconds(script.milliseconds)) }
        var verdicts: [Mailbox: Verdict] = [:]
        for (address, verdict) in script.recipients {
            if let mailbox = Mailbox(address) { verdicts[mailbox] = verdict }
        }
        return StageResult(verdict: script.verdict, recipientVerdicts: verdicts, edits: script.edits)
    }

    /// Puts the stage into a pipeline, as its only one.
    static func install(in configuration: inout ServerConfiguration, _ pipeline: String = "inbound") {
        let mark = SourceMark(file: "test", line: 1, column: 1)
        let section = ConfigurationSection(nil, path: "", reader: ConfigurationReader(directory: ""), mark: mark)
        configuration.pipelines[pipeline]?.stages = [StageBlueprint(ScriptedStage.self, reading: section)]
        configuration.pipelines[pipeline]?.marks = [mark]
    }
}
