// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceTesting
import Testing

/// The MTA side of tests does what `docs/milter.md` says that Postfix and Sendmail do.
@Suite("What an MTA does with edits") struct MTAModelTests {
    private static let original = "A: 1\r\nX: one\r\nB: 2\r\nX: two\r\nX: three\r\n\r\nbody\r\n"

    /// The fields that an MTA delivers after these packets, each written `name:value`.
    private static func delivered(_ model: MTAModel, _ packets: [MTAPacket]) async throws -> [String] {
        try await withMilter(end: packets + [MTAPacket("c")]) { address in
            let session = try await MTASession.open(address, model: model)
            let outcome = await session.send(MTAMessage(original))
            try await session.quit()
            #expect(outcome.isAccepted && outcome.violations.isEmpty)
            return outcome.content.fields.map(\.description)
        }
    }

    private static func packet(_ code: Character, _ index: UInt32, _ name: String, _ value: String) -> MTAPacket {
        MTAPacket(code, MTAPacket.integer(index) + MTAPacket(" ", strings: [name, value]).payload)
    }

    @Test("an insert at 0 or 1 stands at the top, and the later one above", arguments: MTAModel.allCases)
    func insertAtTop(_ model: MTAModel) async throws {
        for index in [0, 1] as [UInt32] {
            let packets = [Self.packet("i", index, "N", " 1"), Self.packet("i", index, "N", " 2")]
            #expect(try await Self.delivered(model, packets).prefix(3) == ["N: 2", "N: 1", "A: 1"])
        }
    }

    @Test("an insert at 2 stands below the first field with Postfix, above it with Sendmail")
    func insertAtTwo() async throws {
        let packets = [Self.packet("i", 2, "N", " v")]
        #expect(try await Self.delivered(.postfix, packets).prefix(2) == ["A: 1", "N: v"])
        #expect(try await Self.delivered(.sendmail, packets).prefix(2) == ["N: v", "A: 1"])
    }

    @Test("an insert beyond the end stands at the end", arguments: MTAModel.allCases)
    func insertAtEnd(_ model: MTAModel) async throws {
        #expect(try await Self.delivered(model, [Self.packet("i", 0x7FFF_FFFF, "N", " v")]).last == "N: v")
    }

    @Test("an added field stands at the end, with Sendmail above the first of its name")
    func add() async throws {
        let packets = [MTAPacket("h", strings: ["X", " new"]), MTAPacket("h", strings: ["N", " v"])]
        #expect(
            try await Self.delivered(.postfix, packets) == [
                "A: 1", "X: one", "B: 2", "X: two", "X: three", "X: new", "N: v",
            ])
        #expect(
            try await Self.delivered(.sendmail, packets) == [
                "A: 1", "X: new", "X: one", "B: 2", "X: two", "X: three", "N: v",
            ])
    }

    @Test("deletes from the last to the first delete all with both; the other way Postfix leaves the second")
    func delete() async throws {
        let descending = [3, 2, 1].map { Self.packet("m", $0, "x", "") }
        for model in MTAModel.allCases {
            #expect(try await Self.delivered(model, descending) == ["A: 1", "B: 2"])
        }
        let ascending = [1, 2, 3].map { Self.packet("m", $0, "X", "") }
        #expect(try await Self.delivered(.postfix, ascending) == ["A: 1", "B: 2", "X: two"])
        #expect(try await Self.delivered(.sendmail, ascending) == ["A: 1", "B: 2"])
    }

    @Test("a change beyond the last adds one")
    func changeBeyond() async throws {
        let packets = [Self.packet("m", 4, "X", " four")]
        #expect(try await Self.delivered(.postfix, packets).last == "X: four")
        #expect(try await Self.delivered(.sendmail, packets).prefix(2) == ["A: 1", "X: four"])
    }

    @Test("without leading space one space is taken away and given back")
    func leadingSpace() async throws {
        let told = try await withMilter(
            steps: 0, end: [MTAPacket("h", strings: ["N", "v"]), MTAPacket("a")]
        ) { address in
            let session = try await MTASession.open(address)
            let outcome = await session.send(MTAMessage("A:  two\r\nB:none\r\n\r\n"))
            #expect(outcome.content.fields.map(\.description) == ["A:  two", "B:none", "N: v"])
            return outcome.isJudged
        }
        #expect(told)
    }

    @Test("body chunks replace the body, recipients come and go, quarantine holds")
    func otherEdits() async throws {
        let packets = [
            MTAPacket("b", Array("new ".utf8)), MTAPacket("b", Array("body\r\n".utf8)),
            MTAPacket("+", strings: ["<new@example.org>"]), MTAPacket("-", strings: ["<anna@example.org>"]),
            MTAPacket("2", strings: ["<bob@example.org>", "NOTIFY=NEVER"]), MTAPacket("e", strings: ["<>"]),
            MTAPacket("q", strings: ["why"]), MTAPacket("c"),
        ]
        let outcome = try await withMilter(end: packets) { address in
            try await MTASession.open(address).send(MTAMessage())
        }
        #expect(outcome.disposition == .held("why"))
        #expect(outcome.content.body == Array("new body\r\n".utf8))
        #expect(outcome.recipients.map(\.description) == ["<new@example.org>", "<bob@example.org> NOTIFY=NEVER"])
        #expect(outcome.sender.address.isEmpty)
    }

    @Test("what was not agreed on is a violation and is not done")
    func violation() async throws {
        let outcome = try await withMilter(
            actions: 0, end: [MTAPacket("h", strings: ["N", "v"]), MTAPacket("c")]
        ) { address in try await MTASession.open(address).send(MTAMessage()) }
        #expect(outcome.violations == ["addHeader was not agreed on"])
        #expect(outcome.content.value("N") == nil)
    }

    @Test("a milter that goes away leaves the message with the client")
    func gone() async throws {
        let outcome = try await withMilter(end: []) { address in
            try await MTASession.open(address, timeout: .milliseconds(200)).send(MTAMessage())
        }
        #expect(outcome.disposition == .failed(.timedOut) && outcome.isKept)
    }
}

/// Runs a milter that says `continue` to everything but `end` at the end of each message, and the body with its address.
private func withMilter<Value: Sendable>(
    actions: UInt32 = 0x1FF, steps: UInt32 = MTAStepFlag.headerLeadingSpace.rawValue, end: [MTAPacket],
    _ body: (MTAAddress) async throws -> Value
) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString.prefix(8)).sock").path
    let milter = try await ScriptedMilter(path: path) { command in
        switch command.code {
        case "O": .reply([ScriptedMilter.negotiation(actions: actions, steps: steps)])
        case "E": .reply(end)
        default: nil
        }
    }
    let value = try await body(.path(path))
    try await milter.stop()
    return value
}
