// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceTesting
import Testing

/// MTAs that speak an older version, or can't do everything.
@Suite("Older and lesser MTAs", .timeLimit(.minutes(5))) struct OldMTATests {
    /// Each version, and version 6 without each action and each step.
    static let offers: [(String, MTAOffer)] =
        (2...6).map { ("version \($0)", MTAOffer.version($0)) }
        + MTAAction.allCases.map { ("without \($0)", MTAOffer.full.without($0)) }
        + MTAStepFlag.allCases.map { ("without \($0)", MTAOffer.full.without($0)) }
        + [
            ("fields alone", MTAOffer(version: 6, actions: 1, steps: 0)),
            ("version 2, fields alone", MTAOffer(version: 2, actions: 1, steps: 0)),
        ]

    @Test("clean mail passes judged, refused mail is refused, and what is unwanted is never delivered")
    func verdicts() async throws {
        try await MilterServer.run { doors in
            let refusing = Reply(550, EnhancedStatusCode(5, 7, 1), "unwanted")
            for (name, offer) in Self.offers {
                for model in MTAModel.allCases {
                    let session = try await MTASession.open(doors.address, offer: offer, model: model)
                    let clean = await session.send(MTAMessage())
                    #expect(clean.isAccepted && clean.isJudged && clean.violations.isEmpty, "\(name)")
                    let added = clean.content.value("X-Sluice-Stages") != nil
                    #expect(added == (offer.actions & MTAAction.addHeader.rawValue != 0), "\(name)")
                    let refused = await session.send(try MTAMessage(ScriptedStage.Script(verdict: .refuse(refusing))))
                    #expect(refused.reply.hasPrefix("550 5.7.1 unwanted"), "\(name)")
                    let discarded = await session.send(
                        try MTAMessage(ScriptedStage.Script(verdict: .discard(reason: "rule"))))
                    #expect(discarded.disposition == .discarded, "\(name)")
                    let held = await session.send(
                        try MTAMessage(ScriptedStage.Script(verdict: .quarantine(reason: "spam"))))
                    if offer.actions & MTAAction.quarantine.rawValue != 0 {
                        guard case .held = held.disposition else {
                            Issue.record("\(name): \(held.disposition)")
                            continue
                        }
                    } else {
                        #expect(held.reply.hasPrefix("451 4.7"), "\(name)")
                    }
                    for outcome in [refused, discarded, held] { #expect(outcome.violations.isEmpty, "\(name)") }
                    try await session.quit()
                }
            }
        }
    }

    @Test("an edit that was not agreed on is not sent, and the record says that it was not made")
    func edits() async throws {
        let script = ScriptedStage.Script(edits: [
            .addField(name: "X-Top", value: "1", position: 0),
            .changeField(name: "Subject", occurrence: 1, value: "changed"), .replaceBody(Array("New.\r\n".utf8)),
            .changeReversePath(.mailbox(Mailbox(localPart: "other", domain: "client.test"))),
            .addRecipient(Mailbox(localPart: "carl", domain: "example.org")),
            .deleteRecipient(Mailbox(localPart: "bert", domain: "example.org")),
        ])
        try await MilterServer.run { doors in
            for (number, (name, offer)) in Self.offers.enumerated() {
                var message = try MTAMessage(script, to: ["anna@example.org", "bert@example.org"])
                message.queueID = "4gEDIT\(number)"
                let outcome = try await doors.send(message, offer: offer)
                #expect(outcome.violations.isEmpty && outcome.isJudged, "\(name)")
                func has(_ action: MTAAction) -> Bool { offer.actions & action.rawValue != 0 }
                guard outcome.isAccepted else { continue }
                #expect((outcome.content.value("X-Top") == "1") == has(.addHeader), "\(name)")
                #expect((outcome.content.value("Subject") == "changed") == has(.changeHeader), "\(name)")
                #expect((outcome.content.body == Array("New.\r\n".utf8)) == has(.changeBody), "\(name)")
                #expect((outcome.sender.address == "other@client.test") == has(.changeSender), "\(name)")
                let addresses = outcome.recipients.map(\.address)
                #expect(addresses.contains("carl@example.org") == has(.addRecipient), "\(name)")
                #expect(addresses.contains("bert@example.org") == !has(.deleteRecipient), "\(name)")
                let all: [MTAAction] = [
                    .addHeader, .changeHeader, .changeBody, .changeSender, .addRecipient, .deleteRecipient,
                ]
                if !all.allSatisfy(has) {
                    let trace = try await doors.traces(message.queueID).first ?? .null
                    #expect(trace["mta"]?["notes"]?.arrayValue?.isEmpty == false, "\(name)")
                }
            }
        }
    }
}
