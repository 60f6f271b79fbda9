// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Testing

@testable import SluiceMilter

@Suite("Order of the milter dialogue")
struct MilterSessionOrderTests {
    /// How to come to a state, and what is legal there.
    private static let places: [(name: String, way: [MilterCommand], legal: Set<String>)] = [
        ("before the option negotiation", [], ["O", "Q"]),
        ("before a client", [.negotiate(.all)], ["D", "C", "A", "K", "Q", "U"]),
        ("outside a message", [.negotiate(.all), .testConnect], ["D", "H", "M", "A", "K", "Q", "U"]),
        (
            "in the envelope", [.negotiate(.all), .testConnect, .testMail],
            ["D", "H", "M", "R", "T", "L", "N", "B", "E", "A", "K", "Q", "U"]
        ),
        (
            "after data", [.negotiate(.all), .testConnect, .testMail, .testRecipient, .data],
            ["D", "L", "N", "B", "E", "A", "K", "Q"]
        ),
        (
            "in the header", [.negotiate(.all), .testConnect, .testMail, .testHeader],
            ["D", "L", "N", "B", "E", "A", "K", "Q"]
        ),
        (
            "in the body", [.negotiate(.all), .testConnect, .testMail, .endOfHeader],
            ["D", "B", "E", "A", "K", "Q"]
        ),
    ]

    private static let commands: [(String, MilterCommand)] = [
        ("O", .negotiate(.all)), ("D", .testMacros("C", ["j": "a"])), ("C", .testConnect), ("H", .testHelo),
        ("M", .testMail), ("R", .testRecipient), ("T", .data), ("L", .testHeader), ("N", .endOfHeader),
        ("B", .testBody), ("E", .testEnd), ("A", .abort), ("K", .quitNewConnection), ("Q", .quit),
        ("U", .unknown(ByteBuffer(string: "X"))),
    ]

    @Test("each command in each place is taken, or closes the connection with a reason", arguments: 0..<7)
    func everyPair(place: Int) {
        let place = Self.places[place]
        for (code, command) in Self.commands {
            var script = MilterSessionScript(isNegotiated: false)
            _ = script.take(place.way)
            let words = script.take(command)
            let closing = words.last { $0.hasPrefix("close:") }
            #expect((closing == nil) == place.legal.contains(code), "\(code) \(place.name)")
            if let closing { #expect(closing.hasSuffix("has no place \(place.name)")) }
            if closing != nil || code == "Q" { #expect(script.session.state == .closed) }
        }
    }

    @Test("a connection that is closed for disorder ends its message and its client for the policy")
    func ends() {
        var script = MilterSessionScript()
        _ = script.take(.testConnect, .testMail, .endOfHeader)
        #expect(
            script.take(.testRecipient)
                == ["transaction ended", "client ended", "close: recipient has no place in the body"])
        #expect(script.take(.testMail) == [])
    }

    @Test("DATA has no place before version 4, nor has an unknown command before version 3")
    func versions() {
        for version in 2...6 as ClosedRange<UInt32> {
            var data = MilterSessionScript(version: version, steps: .version2)
            let words = data.take(.testConnect, .testMail, .testRecipient, .data)
            #expect(words.contains { $0.hasPrefix("close: data") } == (version < 4))
            var unknown = MilterSessionScript(version: version, steps: .version2)
            #expect(
                unknown.take(.testConnect, .unknown(ByteBuffer())).contains { $0.hasPrefix("close") } == (version < 3))
        }
    }

    @Test("version 1 is refused, and a version that is yet to come is answered with ours")
    func negotiatedVersion() {
        var script = MilterSessionScript(isNegotiated: false)
        #expect(
            script.take(.negotiate(MilterOptions(version: 1, actions: .version1, steps: .version1)))
                == ["close: version 1 of the milter protocol, 2 or later would be right"])
        for (offered, agreed) in [(2, 2), (5, 5), (6, 6), (7, 6), (UInt32.max, 6)] as [(UInt32, UInt32)] {
            let script = MilterSessionScript(version: offered)
            guard case .negotiate(let options)? = script.sent.first else {
                Issue.record("no answer")
                continue
            }
            #expect(options.version == agreed)
        }
    }

    @Test("the answer to the negotiation has no flag that the MTA did not offer", arguments: 0..<32)
    func flags(bit: UInt32) {
        let offer = MilterOptions(
            version: 6, actions: MilterActions(rawValue: 1 << bit), steps: MilterSteps(rawValue: 1 << bit))
        let configuration = MilterServerConfiguration(
            actions: MilterActions(rawValue: .max), steps: MilterSteps(rawValue: .max))
        let answer = MilterNegotiation.answer(to: offer, configuration)
        #expect(answer?.actions == offer.actions)
        #expect(answer?.steps == offer.steps)
        let usual = MilterNegotiation.answer(to: offer, MilterServerConfiguration())
        #expect(usual?.actions == offer.actions.intersection(.version6))
        #expect(usual?.steps == offer.steps.intersection(MilterServerConfiguration.defaultSteps))
        #expect(usual?.macroLists.isEmpty == !offer.actions.contains(.setMacroLists))
    }

    @Test("an MTA that offers nothing means what version 1 had")
    func nothingOffered() {
        let answer = MilterNegotiation.answer(
            to: MilterOptions(version: 2, actions: [], steps: []), MilterServerConfiguration())
        #expect(answer?.actions == .version1)
        #expect(answer?.steps == [])
    }
}

extension MilterOptions {
    fileprivate static let all = MilterOptions(version: 6, actions: .version6, steps: .version6)
}
