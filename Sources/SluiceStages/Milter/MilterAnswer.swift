// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceMilter

/// What a filter's answer means for the message.
struct MilterAnswer {
    let verdict: Verdict
    private(set) var recipientVerdicts: [Mailbox: Verdict] = [:]
    private(set) var recipientFindings: [Finding] = []

    /// So many refused recipients are told one by one.
    static let findingLimit = 20

    /// - Throws: ``MilterStageError/notAReply(_:)``.
    init(_ outcome: MilterClientOutcome, recipients: [Mailbox]) throws(MilterStageError) {
        var verdict = try Self.verdict(outcome.answer)
        if verdict == .pass, let reason = Self.quarantine(outcome.modifications) {
            verdict = .quarantine(reason: reason)
        }
        self.verdict = verdict
        for (index, reply) in outcome.refusedRecipients.sorted(by: { $0.key < $1.key }) {
            let refusal = try Self.verdict(reply)
            recipientVerdicts[recipients[index]] = refusal
            if recipientFindings.count < Self.findingLimit {
                recipientFindings.append(
                    Finding(
                        name: "MILTER_RECIPIENT",
                        why: "the filter refused <\(recipients[index])>: \(refusal.reason ?? refusal.word)"))
            }
        }
    }

    /// `MILTER_PASS`, `MILTER_QUARANTINE`, `MILTER_DISCARD`, `MILTER_REJECT` or `MILTER_DEFER`.
    var findingName: String {
        "MILTER_" + String(decoding: verdict.word.utf8.map { $0 & 0xDF }, as: UTF8.self)
    }

    private static func verdict(_ reply: MilterReply) throws(MilterStageError) -> Verdict {
        switch reply {
        case .reject:
            return .refuse(Reply(550, EnhancedStatusCode(5, 7, 1), "refused by a content filter"))
        case .temporaryFailure:
            return .refuse(Reply(451, EnhancedStatusCode(4, 7, 1), "a content filter asks you to try again later"))
        // The session is ours to end, not the filter's: who was to be cut off reads that it may come again.
        case .shutdown, .connectionFailure:
            return .refuse(
                Reply(451, EnhancedStatusCode(4, 7, 0), "a content filter takes no mail now, try again later"))
        case .replyCode(let text): return .refuse(try MilterReplyText.reply(text))
        case .discard: return .discard(reason: "discarded by a content filter")
        case .proceed, .accept, .negotiate, .skip, .progress, .quarantine, .addField, .insertField, .changeField,
            .replaceBody, .changeReversePath, .addRecipient, .addRecipientWithParameters, .deleteRecipient:
            return .pass
        }
    }

    private static func quarantine(_ modifications: [MilterReply]) -> String? {
        for case .quarantine(let reason) in modifications {
            let text = MilterReplyText.line(reason.readableBytesView)
            return text.isEmpty ? "held by a content filter" : text
        }
        return nil
    }
}
