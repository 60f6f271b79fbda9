// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// From which score on something is done with a message.
package struct SpamThresholds: Hashable, Sendable {
    /// Marked as spam, and delivered.
    package var tag: Double
    /// Held for review.
    package var quarantine: Double
    /// Refused for good.
    package var reject: Double

    package init(tag: Double = 5, quarantine: Double = 8, reject: Double = 15) {
        self.tag = tag
        self.quarantine = quarantine
        self.reject = reject
    }

    /// Reads `tag`, `quarantine` and `reject`; what is missing is as in `fallback`.
    init(reading section: ConfigurationSection, fallback: SpamThresholds) {
        tag = section.number("tag", default: fallback.tag)
        quarantine = section.number("quarantine", default: fallback.quarantine)
        reject = section.number("reject", default: fallback.reject)
        if tag > quarantine {
            section.report("tag", "tag is \(tag), at most quarantine (\(quarantine)) would be right")
        } else if quarantine > reject {
            section.report("quarantine", "quarantine is \(quarantine), at most reject (\(reject)) would be right")
        }
    }

    /// What a score asks for. The client reads the category; score and rules are for the record.
    func verdict(_ score: Double) -> Verdict {
        if score >= reject { return .refuse(Reply(550, EnhancedStatusCode(5, 7, 1), SpamStage.category)) }
        return score >= quarantine ? .quarantine(reason: SpamStage.category) : .pass
    }
}
