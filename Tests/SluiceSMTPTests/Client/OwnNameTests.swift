// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceSMTP

@Suite("A next hop that is ourselves")
struct LoopTests {
    private func greeted(_ name: String, refusesOwnName: Bool = true) -> [ClientStateMachine.Action] {
        var machine = ClientStateMachine(
            .smtp, greetingName: "relay.test", tls: .none, refusesOwnName: refusesOwnName)
        _ = machine.connected()
        _ = machine.replyReceived(Reply(220, nil, "x ESMTP"))
        return machine.replyReceived(Reply(250, lines: [name, "PIPELINING"]))
    }

    @Test(
        "is known by its name in the reply to EHLO, whatever its case", arguments: ["relay.test", "RELAY.test hello"])
    func own(_ name: String) {
        guard case .sessionFailed(let failure) = greeted(name).first else {
            Issue.record("a session with ourselves")
            return
        }
        #expect(failure.isLoop)
        #expect(failure.failure.status == EnhancedStatusCode(5, 4, 6))
    }

    @Test("another name is another host, and a fixed route is believed")
    func others() {
        #expect(greeted("relay.test.example") == [.sessionReady])
        #expect(greeted("relay.test", refusesOwnName: false) == [.sessionReady])
    }
}
