// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceFilter
import SluiceNative

/// Holds or refuses messages with attachments whose names end in one of a list.
package struct AttachmentNamesStage: FilterStage {
    package static let name = "attachment-names"
    // An `accept` is about spam; a program stays a program.
    package static let placement = StagePlacement(isSkippable: false)
    package static let defaults = StageDefaults(onError: .defer, timeout: .seconds(10))

    /// So many attachments are named in the record.
    static let findingLimit = 20

    package enum Action: String, CaseIterable, Sendable { case quarantine, reject }

    /// `attachment-names: {endings: [.exe, .scr], listed: quarantine}`
    package struct Configuration: ConfigurationReadable, Sendable {
        /// In lower case, each with its full stop.
        package var endings: [String]
        /// What is done with a message that has such an attachment.
        package var listed: Action

        package init(reading section: ConfigurationSection) {
            let written = section.strings("endings", default: [".exe", ".scr", ".com", ".bat", ".cmd", ".vbs", ".lnk"])
            for ending in written where !ending.hasPrefix(".") || ending.utf8.count < 2 {
                section.report("endings", "endings holds “\(ending)”, an ending such as .exe would be right")
            }
            endings = written.map { $0.asciiLowercased() }
            listed = section.choice("listed", default: .quarantine)
        }
    }

    private let configuration: Configuration
    private let pool: CPUPool

    package init(configuration: Configuration, services: StageServices) {
        self.configuration = configuration
        pool = services.pool
    }

    package func evaluate(_ message: Message, in context: StageContext) async throws -> StageResult {
        let structure = try await pool.run { try MIMEReader(charsets: IconvCharsets()).read(message) }
        let listed = structure.parts.compactMap(\.fileName).compactMap { name in
            ending(of: name).map { (name: name, ending: $0) }
        }
        guard let first = listed.first else {
            // A limit ended the reader, and what lies behind it was not looked at: that is no "nothing found".
            guard structure.isComplete else { throw AttachmentNamesError.notReadToItsEnd }
            return StageResult()
        }
        let category = "the message holds an attachment of a kind that is not taken here (\(first.ending))"
        let verdict: Verdict =
            switch configuration.listed {
            case .quarantine: .quarantine(reason: category)
            case .reject: .refuse(Reply(550, EnhancedStatusCode(5, 7, 1), category))
            }
        let findings = listed.prefix(Self.findingLimit).map { name, ending in
            Finding(
                name: "ATTACHMENT_NAME",
                why: "the attachment “\(String(name.unicodeScalars.prefix(100)))” ends in \(ending)")
        }
        return StageResult(verdict: verdict, findings: findings)
    }

    /// The listed ending of a name. Full stops and spaces at its end do not count: Windows drops them.
    private func ending(of name: String) -> String? {
        let scalars = name.asciiLowercased().unicodeScalars
        guard let last = scalars.lastIndex(where: { $0 != "." && $0 != " " }) else { return nil }
        let bare = String(scalars[...last])
        return configuration.endings.first { bare.hasSuffix($0) }
    }
}

/// Why the names could not be looked at.
enum AttachmentNamesError: Error, CustomStringConvertible {
    case notReadToItsEnd

    var description: String { "the message has more parts, or deeper ones, than are read" }
}
