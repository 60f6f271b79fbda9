// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceCore
import SluiceNative
import SluiceStages

/// `sluice spam …`
struct SpamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spam",
        abstract: "What the spam rules say of a message, and whether rule files are right.",
        discussion: """
            EXAMPLES:
              sluice spam check message.eml             score and rules that hit, with the evidence
              sluice spam check --json *.eml            a JSON object a line
              sluice spam check --rules rules/ a.eml    with rules of your own
              sluice spam lint rules/                   every mistake as file:line:column
            """,
        subcommands: [Check.self, Lint.self, Learn.self, Evaluate.self])

    /// `sluice spam check FILE…`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Scores stored messages.",
            discussion: """
                The score at which a message counts as spam is 5. FILE may be -, a message, an mbox or a Maildir folder.

                EXAMPLES:
                  sluice spam check message.eml
                  sluice spam check --json --rules rules/ Maildir/
                """)

        @OptionGroup var output: OutputOptions
        @OptionGroup var time: TimeOptions
        @Option(name: .long, help: ArgumentHelp("A rule file or a folder of them; default: the embedded rules."))
        var rules: [String] = []
        @Flag(name: .long, help: "Print the texts and facts that rules see, as JSON, instead of the score.")
        var texts = false
        @Argument(help: "Messages.")
        var files: [String]

        func run() throws {
            let rules = try SpamCommand.ruleSet(rules)
            let required = SpamThresholds().tag
            for path in files {
                for (name, content) in try InputFile.messages(path) {
                    let message = try Message(MemoryContent(content))
                    let text = try MessageText(
                        message, circumstances: MessageCircumstances(now: time.timestamp), charsets: IconvCharsets())
                    if texts {
                        Terminal.json(.object([.init("file", .string(name)), .init("texts", text.views)]))
                        continue
                    }
                    let result = rules.evaluate(text)
                    if output.json {
                        Terminal.json(SpamCommand.json(name, result, required: required))
                    } else {
                        SpamCommand.show(name, result, required: required)
                    }
                }
            }
        }
    }

    /// `sluice spam lint DIR`
    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks rule files: every mistake and every line that is left out.",
            discussion: """
                Exit 65 where a line is broken. What is SpamAssassin's and not there yet is a warning.

                EXAMPLES:
                  sluice spam lint rules/
                  sluice spam lint rules/local.cf
                """)

        @Argument(help: "Rule files, or folders of them.")
        var paths: [String]

        func run() throws {
            let (rules, missing) = SpamCommand.read(paths)
            for diagnostic in rules.diagnostics { Terminal.error(diagnostic.description) }
            if !missing.isEmpty { throw CommandFailure(.noSuchFile, missing.joined(separator: "\n")) }
            let errors = rules.diagnostics.count { $0.severity == .error }
            Terminal.line("\(rules.count) rules, \(errors) errors, \(rules.diagnostics.count - errors) warnings")
            if errors > 0 { throw CommandFailure(.badInput, "") }
        }
    }

    /// `sluice spam learn`: the classifier comes later.
    struct Learn: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Teaches the classifier (not there yet).")
        @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
        func run() throws {
            throw CommandFailure(.usage, "spam learn is not there yet: Sluice has no classifier so far")
        }
    }

    /// `sluice spam evaluate`: comes with the classifier.
    struct Evaluate: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Measures rules and classifier (not there yet).")
        @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
        func run() throws { throw CommandFailure(.usage, "spam evaluate is not there yet") }
    }

    private static func read(_ paths: [String]) -> (rules: RuleSet, missing: [String]) {
        var missing: [String] = []
        let files = RuleFolder.read(paths) { _, message in missing.append(message) }
        return (RuleSet(files), missing)
    }

    /// The rules of these paths, or the embedded ones.
    ///
    /// - Throws: ``CommandFailure`` (66, 65) where a path is missing or a line is broken.
    private static func ruleSet(_ paths: [String]) throws -> RuleSet {
        if paths.isEmpty { return EmbeddedRules.ruleSet }
        let (rules, missing) = read(paths)
        if !missing.isEmpty { throw CommandFailure(.noSuchFile, missing.joined(separator: "\n")) }
        let errors = rules.diagnostics.filter { $0.severity == .error }
        if !errors.isEmpty { throw CommandFailure(.badInput, errors.map(\.description).joined(separator: "\n")) }
        return rules
    }

    private static func json(_ name: String, _ result: RuleSetResult, required: Double) -> JSONValue {
        .object([
            .init("file", .string(name)), .init("score", .number(result.score)), .init("required", .number(required)),
            .init("spam", .bool(result.score >= required)),
            .init("hits", .array(result.hits.map(\.name).sorted().map { .string($0) })),
            .init("classifier", .null),
            .init("subtests", .array(result.subtests.sorted().map { .string($0) })),
            .init("given_up", .array(result.givenUp.map { .string($0.name) })),
        ])
    }

    private static func show(_ name: String, _ result: RuleSetResult, required: Double) {
        let isSpam = result.score >= required
        let word = Terminal.colour(isSpam ? "spam" : "not spam", isSpam ? .red : .green)
        Terminal.line("\(name): \(word), score \(result.score), required \(required)")
        for hit in result.hits.sorted(by: { abs($1.score) < abs($0.score) }) {
            let evidence = hit.evidence.map { Terminal.colour("  “\($0)”", .dim) } ?? ""
            Terminal.line("  \(hit.score)  \(hit.name): \(hit.description)\(evidence)")
        }
        for givenUp in result.givenUp { Terminal.line("  0  \(givenUp.name): given up, \(givenUp.why)") }
    }
}
