// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@Suite("A next hop that misbehaves", .timeLimit(.minutes(2)))
struct BadHopTests {
    private static let keywords = [
        ["8BITMIME"], ["PIPELINING", "8BITMIME", "SIZE 10000000", "ENHANCEDSTATUSCODES"],
    ]

    private static func final(_ hop: BadHop, _ run: BadHopRun, _ number: Int) -> String {
        run.history.steps.last { $0.address.written == "r\(number)@\(hop.name)" }?.state.rawValue ?? "none"
    }

    @Test("every misbehaviour at every step: each recipient gets one copy or one bounce, and others are not held up")
    func matrix() async throws {
        var hops: [(hop: BadHop, fault: BadHop.Fault)] = []
        for isLMTP in [false, true] {
            for (index, keywords) in Self.keywords.enumerated() {
                for step in BadHop.Step.allCases {
                    for behaviour in BadHop.Behaviour.allCases {
                        for onlyFirst in step == .recipient ? [false, true] : [false] {
                            let fault = BadHop.Fault(step: step, behaviour: behaviour, onlyFirst: onlyFirst)
                            let name = [
                                isLMTP ? "lmtp" : "smtp", "\(index)", step.rawValue, behaviour.rawValue,
                                onlyFirst ? "one" : "all", "test",
                            ].joined(separator: ".")
                            let hop = try await BadHop(
                                name: name, isLMTP: isLMTP, keywords: keywords,
                                faults: Array(repeating: fault, count: step == .recipient && !onlyFirst ? 2 : 1))
                            hops.append((hop, fault))
                        }
                    }
                }
            }
        }
        let run = try await BadHopRun(hops.map(\.hop))
        #expect(try await run.run(recipients: 2), "something is left in the queue")
        for (hop, fault) in hops {
            #expect(run.problems(of: hop, recipients: 2) == [], "\(hop.name)")
            // What a permanent refusal of the message, or of the recipient, means; nothing else bounces.
            let isRefused = fault.behaviour == .permanent && ![.greeting, .hello].contains(fault.step)
            #expect(Self.final(hop, run, 0) == (isRefused ? "bounced" : "delivered"), "\(hop.name)")
            #expect(
                Self.final(hop, run, 1) == (isRefused && !fault.onlyFirst ? "bounced" : "delivered"), "\(hop.name)")
            // A second copy only where no well-formed reply to the dot was read.
            let unknown = hop.copies.filter { $0.reply == nil }.count
            let isUnread =
                fault.step == .content && [.drop, .garbage, .half, .silence].contains(fault.behaviour)
            let expected = isUnread ? (fault.behaviour == .half && hop.isLMTP ? 1 : 2) : 0
            #expect(unknown == expected, "\(hop.name)")
        }
        #expect(run.bystander.messages.count >= hops.count)
        print("the matrix: \(hops.count) next hops, \(run.notices.messages.count) notices")
    }

    @Test("one that announces what it does not do", arguments: [false, true])
    func falsePromises(_ isLMTP: Bool) async throws {
        let forgetful = try await BadHop(
            name: "pipelining.test", isLMTP: isLMTP, keywords: ["PIPELINING"], faults: [], forgetsPipelined: true)
        // SIZE and BODY as parameters that it does not know after all.
        let size = try await BadHop(
            name: "size.test", isLMTP: isLMTP, keywords: ["SIZE 1000", "8BITMIME"],
            faults: [BadHop.Fault(step: .mail, behaviour: .permanent)])
        let tls = try await BadHop(name: "tls.test", isLMTP: isLMTP, keywords: ["STARTTLS"], faults: [])
        let small = try await BadHop(name: "small.test", isLMTP: isLMTP, keywords: ["SIZE 5"], faults: [])
        let hops = [forgetful, size, tls, small]
        let run = try await BadHopRun(hops)
        #expect(try await run.run(recipients: 2))
        for hop in hops { #expect(run.problems(of: hop, recipients: 2) == [], "\(hop.name)") }
        let ends = hops.map { Self.final($0, run, 0) }
        #expect(ends == ["delivered", "bounced", "delivered", "bounced"])
        #expect(!small.sink.commands.contains { $0.hasPrefix("MAIL") }, "sent, although it is too large")
    }

    @Test("random misbehaviour, from a seed", arguments: 0..<4)
    func random(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let hops = (0..<60).map { number in
            (
                name: "h\(number).test", isLMTP: Bool.random(using: &random),
                keywords: Self.keywords.randomElement(using: &random) ?? [],
                faults: (0..<Int.random(in: 1...5, using: &random)).map { _ in
                    BadHop.Fault(
                        step: BadHop.Step.allCases.randomElement(using: &random) ?? .data,
                        behaviour: BadHop.Behaviour.allCases.randomElement(using: &random) ?? .drop)
                }
            )
        }
        let count = Int.random(in: 1...4, using: &random)
        var made: [BadHop] = []
        for hop in hops {
            made.append(
                try await BadHop(name: hop.name, isLMTP: hop.isLMTP, keywords: hop.keywords, faults: hop.faults))
        }
        let run = try await BadHopRun(made)
        #expect(try await run.run(recipients: count), "seed \(seed): something is left in the queue")
        for hop in made { #expect(run.problems(of: hop, recipients: count) == [], "seed \(seed)") }
        #expect(run.bystander.messages.count >= made.count, "seed \(seed)")
    }
}
