// SPDX-License-Identifier: Apache-2.0
import NIOCore
package import SluiceCore
package import SluiceFilter
import SluiceNative

/// Asks the rules about a message and adds up their scores.
///
/// The fields `X-Spam-*` are the dispatch's to write, from the score and the findings.
package struct SpamStage: FilterStage {
    package static let name = "spam"
    package static let defaults = StageDefaults(onError: .quarantine, timeout: .seconds(20))

    /// What a client reads of a message that was refused.
    static let category = "held to be spam"
    /// The most findings of one message.
    static let findingLimit = 200

    package struct Configuration: ConfigurationReadable, Sendable {
        /// The rules in force.
        package var rules: RuleSet
        package var thresholds: SpamThresholds
        /// By recipient: the address or the domain, in lower case.
        package var recipients: [String: SpamThresholds]

        package init(
            rules: RuleSet = EmbeddedRules.ruleSet, thresholds: SpamThresholds = SpamThresholds(),
            recipients: [String: SpamThresholds] = [:]
        ) {
            self.rules = rules
            self.thresholds = thresholds
            self.recipients = recipients
        }

        /// Reads `rules` (files and folders, by default the embedded rules), the thresholds, and `recipients`.
        ///
        /// What is wrong with a rule file is reported too, with its place there.
        package init(reading section: ConfigurationSection) {
            let paths = section.strings("rules")
            if paths.isEmpty {
                rules = EmbeddedRules.ruleSet
            } else {
                let files = RuleFolder.read(paths.map { section.reader.resolve($0) }) { _, message in
                    section.report("rules", message)
                }
                rules = RuleSet(files)
            }
            for diagnostic in rules.diagnostics {
                section.reader.report(diagnostic.mark, diagnostic.message, severity: diagnostic.severity)
            }
            thresholds = SpamThresholds(reading: section, fallback: SpamThresholds())
            recipients = [:]
            let byRecipient = section.section("recipients")
            for (key, _) in byRecipient.keys {
                let entry = byRecipient.section(key)
                recipients[key.asciiLowercased()] = SpamThresholds(reading: entry, fallback: thresholds)
                entry.finish()
            }
        }

        /// The thresholds of a recipient: of the address, else of the domain, else the common ones.
        func thresholds(for recipient: Mailbox) -> SpamThresholds {
            recipients[recipient.written.asciiLowercased()] ?? recipients[recipient.domain] ?? thresholds
        }
    }

    /// Up to so many octets a message is looked at on the chain's own thread.
    private static let smallMessage = 65536
    /// So long, and one search more, its rules may take there.
    private static let shortTime = Duration.milliseconds(10)

    private let configuration: Configuration
    private let pool: CPUPool

    package init(configuration: Configuration, services: StageServices) throws {
        self.configuration = configuration
        pool = services.pool
    }

    package func evaluate(_ message: Message, in context: StageContext) async throws -> StageResult {
        let circumstances = MessageCircumstances(
            now: context.now, envelope: context.envelope, client: context.hasClientAddress ? context.client : nil,
            authentication: context.authentication)
        let rules = configuration.rules
        let limits = MessageText.Limits(nesting: context.nesting)
        let read = { @Sendable () throws -> MessageText in
            try MessageText(message, circumstances: circumstances, charsets: IconvCharsets(), limits: limits)
        }
        let (found, limitsMet, isUnread): (RuleSetResult, [String], Bool)
        // Waking a thread of the pool, and then this one again, costs as much as looking at a small message. One that was
        // made to take long is begun anew there, where its deadline holds.
        if message.length <= Self.smallMessage, case let text = try read(),
            let quick = rules.evaluate(text, within: Self.shortTime)
        {
            (found, limitsMet, isUnread) = (quick, text.limitsMet, text.isUnread)
        } else {
            (found, limitsMet, isUnread) = try await pool.run {
                let text = try read()
                return (rules.evaluate(text), text.limitsMet, text.isUnread)
            }
        }
        // What was seen may suffice; else nobody knows what lies behind.
        if isUnread, configuration.thresholds.verdict(found.score) == .pass { throw SpamStageError.unread }
        var result = StageResult(findings: Self.findings(found, limitsMet: limitsMet))
        result.score = StageResult.Score(score: found.score, required: configuration.thresholds.tag)
        result.verdict = configuration.thresholds.verdict(found.score)
        for recipient in context.envelope.recipients {
            let verdict = configuration.thresholds(for: recipient).verdict(found.score)
            if verdict != result.verdict { result.recipientVerdicts[recipient] = verdict }
        }
        return result
    }

    /// The hits, those that weigh most first, then what was not looked at.
    private static func findings(_ found: RuleSetResult, limitsMet: [String]) -> [Finding] {
        var findings = found.hits.enumerated()
            .sorted { (abs($1.element.score), $0.offset) < (abs($0.element.score), $1.offset) }
            .prefix(findingLimit)
            .map { _, hit in
                Finding(
                    name: hit.name, score: hit.score,
                    why: hit.evidence.map { "\(hit.description): “\($0)”" } ?? hit.description)
            }
        for givenUp in found.givenUp.prefix(findingLimit) {
            findings.append(
                Finding(name: givenUp.name, why: "the rule was given up and counts as not hit: \(givenUp.why)"))
        }
        if !limitsMet.isEmpty {
            findings.append(
                Finding(
                    name: "TEXT_NOT_WHOLE",
                    why: "only the start of the message was looked at, at most \(limitsMet.joined(separator: ", "))"))
        }
        return findings
    }
}

/// Why a message could not be judged.
package enum SpamStageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A limit ended the MIME reader, and what it had read does not decide.
    case unread

    package var description: String { "the MIME structure is past the limits, so the message was not read to its end" }
}
