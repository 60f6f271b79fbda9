// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// What `docs/stages.md` gives as its example: the folder, the line, and a configuration.
struct StagesPage {
    /// The path of the stage's file, such as `Sources/SluiceStages/AttachmentNames/AttachmentNamesStage.swift`.
    let path: String
    /// What stands in that file.
    let source: String
    /// The line of the catalog.
    let catalogLine: String
    /// The stage in a pipeline of the configuration.
    let configuration: String

    init(_ text: String) throws {
        let swift = Self.blocks(of: "swift", in: text)
        let yaml = Self.blocks(of: "yaml", in: text)
        try #require(
            swift.count == 2, "docs/stages.md has \(swift.count) blocks of Swift: a file and a line are wanted")
        try #require(yaml.count == 1, "docs/stages.md has \(yaml.count) blocks of YAML, one is wanted")
        source = swift[0].code
        path = try #require(Self.path(in: swift[0].introduction), "no path stands before the first block of Swift")
        catalogLine = swift[1].code.trimmingCharacters(in: .whitespacesAndNewlines)
        try #require(!catalogLine.contains("\n"), "what the catalog gets is more than a line")
        configuration = yaml[0].code.trimmingCharacters(in: .whitespacesAndNewlines)
        try #require(!configuration.contains("\n"), "the configuration of the stage is more than a line")
    }

    /// The blocks of a language, each with the last line of text before it.
    private static func blocks(of language: String, in text: String) -> [(introduction: String, code: String)] {
        var found: [(introduction: String, code: String)] = []
        var introduction = ""
        var open: (isWanted: Bool, lines: [Substring])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let (isWanted, lines) = open {
                guard line.hasPrefix("```") else {
                    open = (isWanted, lines + [line])
                    continue
                }
                if isWanted { found.append((introduction, lines.joined(separator: "\n") + "\n")) }
                open = nil
            } else if line.hasPrefix("```") {
                open = (line == "```" + language, [])
            } else if !line.isEmpty {
                introduction = String(line)
            }
        }
        return found
    }

    /// The first path under Sources that stands in backquotes.
    private static func path(in line: String) -> String? {
        line.split(separator: "`").map(String.init).first {
            $0.hasPrefix("Sources/SluiceStages/") && $0.hasSuffix(".swift")
        }
    }
}
