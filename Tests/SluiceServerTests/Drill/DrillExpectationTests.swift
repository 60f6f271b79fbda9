// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter
import Testing

@testable import SluiceServer

/// The drill must say no where something else happens than what is declared.
@Suite("What the drill calls as declared") struct DrillExpectationTests {
    private static let stage = DrillStage(
        pipeline: "inbound", name: "virus", label: "virus", settings: nil, before: [], onError: .defer,
        timeout: .seconds(1), values: [:])

    private func outcome(
        _ code: Int, _ disposition: String, _ ending: String, policy: String? = nil, result: String = "pass",
        finding: String? = "NOT_CHECKED"
    ) -> DrillOutcome {
        let trace: JSONValue = [
            "disposition": .string(disposition),
            "stages": [
                ["name": "virus", "outcome": .string(ending), "policy": .optional(policy), "microseconds": 2000]
            ],
            "authentication_results": [["method": "spf", "result": .string(result)]],
            "findings": .array(finding.map { [["name": .string($0)]] } ?? []),
        ]
        return DrillOutcome(reply: Reply(code, nil, "text"), trace: trace, elapsed: .zero)
    }

    private func isMet(_ expectation: DrillExpectation, _ outcome: DrillOutcome) -> Bool {
        expectation.isMet(by: outcome, of: Self.stage)
    }

    @Test("a policy has to be in the record, in the disposition and in the reply")
    func policies() {
        let carriedOut: [(FailurePolicy, Int, String)] = [
            (.defer, 451, "defer"), (.quarantine, 250, "quarantine"), (.refuse, 554, "reject"), (.pass, 250, "deliver"),
        ]
        for (policy, code, disposition) in carriedOut {
            for ending in ["failed", "timed_out"] {
                #expect(isMet(.policy(policy), outcome(code, disposition, ending, policy: policy.rawValue)))
            }
            // Another policy, another end, or a message that went another way.
            #expect(!isMet(.policy(policy), outcome(code, disposition, "ran", policy: policy.rawValue)))
            #expect(!isMet(.policy(policy), outcome(code, disposition, "failed")))
            for (other, otherCode, otherDisposition) in carriedOut where other != policy {
                #expect(!isMet(.policy(policy), outcome(code, disposition, "failed", policy: other.rawValue)))
                #expect(
                    !isMet(.policy(policy), outcome(otherCode, otherDisposition, "failed", policy: policy.rawValue)))
            }
        }
        #expect(!isMet(.policy(.pass), outcome(250, "deliver", "failed", policy: "pass", finding: nil)))
        #expect(!isMet(.policy(.defer), outcome(250, "defer", "failed", policy: "defer")))
    }

    @Test("where the stage works all the same it has run and the message is delivered")
    func works() {
        #expect(isMet(.works, outcome(250, "deliver", "ran")))
        #expect(!isMet(.works, outcome(250, "deliver", "failed", policy: "pass")))
        #expect(!isMet(.works, outcome(250, "deliver", "ran", result: "temperror")))
        #expect(!isMet(.works, outcome(451, "defer", "ran")))
    }

    @Test("a DNS without an answer is a temporary error with its own action")
    func temporary() {
        #expect(isMet(.temporary(action: "pass"), outcome(250, "deliver", "ran", result: "temperror")))
        #expect(isMet(.temporary(action: "defer"), outcome(451, "defer", "ran", result: "temperror")))
        #expect(isMet(.temporary(action: "reject"), outcome(550, "reject", "ran", result: "temperror")))
        #expect(isMet(.temporary(action: "quarantine"), outcome(250, "quarantine", "ran", result: "temperror")))
        #expect(!isMet(.temporary(action: "defer"), outcome(250, "deliver", "ran", result: "temperror")))
        #expect(!isMet(.temporary(action: "pass"), outcome(250, "deliver", "ran", result: "pass")))
        #expect(!isMet(.temporary(action: "pass"), outcome(250, "deliver", "failed", policy: "pass")))
        let impatient = DrillExpectation.impatient(action: "defer", .quarantine)
        #expect(isMet(impatient, outcome(451, "defer", "ran", result: "temperror")))
        #expect(isMet(impatient, outcome(250, "quarantine", "timed_out", policy: "quarantine")))
        #expect(!isMet(impatient, outcome(250, "quarantine", "ran", result: "temperror")))
    }

    @Test("a message without a record of the stage is never as declared")
    func noRecord() {
        let nothing = DrillOutcome(reply: Reply(250, nil, "ok"), trace: .null, elapsed: .zero)
        #expect(!isMet(.works, nothing) && !isMet(.policy(.pass), nothing))
        #expect(nothing.seen("virus") == "no record of the stage; 250 ok")
    }
}
