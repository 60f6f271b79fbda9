// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@Suite("The zone resolver")
struct ZoneResolverTests {
    private let resolver: ZoneResolver

    init() throws {
        let address = try #require(IPAddress("192.0.2.1"))
        var zone: [String: [ZoneResolver.Entry]] = [
            "Example.TEST.": [
                .record(.a, .address(address)), .record(.txt, .text([Array("v=spf1 ".utf8), Array("-all".utf8)])),
            ],
            "alias.test": [.record(.cname, .name("example.test"))],
            "dangling.test": [.record(.cname, .name("nowhere.test"))],
            "loop.test": [.record(.cname, .name("loop.test"))],
            "slow.test": [.timeout], "broken.test": [.serverFailure],
            "half.test": [.timeout, .record(.a, .address(address))],
            "a.empty.test": [.record(.a, .address(address))],
        ]
        for index in 0..<12 { zone["chain\(index).test"] = [.record(.cname, .name("chain\(index + 1).test"))] }
        zone["chain12.test"] = [.record(.a, .address(address))]
        resolver = ZoneResolver(zone)
    }

    private func outcome(_ name: String, _ type: DNSRecordType = .a) async -> DNSAnswer.Outcome {
        await resolver.resolve(DNSQuestion(name, type)).outcome
    }

    @Test("names compare without case and without a final dot")
    func names() async {
        for name in ["example.test", "EXAMPLE.test.", "example.TEST"] {
            let answer = await resolver.resolve(DNSQuestion(name, .a))
            #expect(answer.outcome == .records)
            #expect(answer.addresses.map(\.description) == ["192.0.2.1"])
            #expect(answer.timeToLive > 0)
        }
    }

    @Test("a name that is not there is told from one without the type")
    func absent() async {
        #expect(await outcome("nothing.test") == .nameError)
        #expect(await outcome("example.test", .mx) == .noData)
        #expect(await outcome("empty.test") == .noData, "a name between others exists (RFC 8020)")
        #expect(await outcome("mpty.test") == .nameError)
    }

    @Test("the character-strings of a text record are joined without a space")
    func texts() async {
        let answer = await resolver.resolve(DNSQuestion("example.test", .txt))
        #expect(answer.texts == [Array("v=spf1 -all".utf8)])
        #expect(answer.addresses.isEmpty)
    }

    @Test("an alias is followed, eight times at most")
    func aliases() async {
        #expect(await outcome("alias.test") == .records)
        #expect(await outcome("alias.test", .mx) == .noData)
        #expect(await outcome("alias.test", .cname) == .records)
        #expect(await outcome("dangling.test") == .nameError)
        #expect(await outcome("loop.test") == .serverFailure)
        #expect(await outcome("chain4.test") == .records)
        #expect(await outcome("chain3.test") == .serverFailure)
    }

    @Test("a name may time out or fail, and that may pass")
    func failures() async {
        #expect(await outcome("slow.test", .txt) == .timedOut)
        #expect(await outcome("broken.test", .mx) == .serverFailure)
        #expect(await outcome("half.test", .a) == .records)
        #expect(await outcome("half.test", .mx) == .timedOut)
        #expect(DNSAnswer(.timedOut).isTemporary && DNSAnswer(.serverFailure).isTemporary)
        #expect(!DNSAnswer(.noData).isTemporary && !DNSAnswer(.nameError).isTemporary)
    }

    @Test("questions that ask the same are equal")
    func questions() {
        #expect(DNSQuestion("A.test.", .a) == DNSQuestion("a.TEST", .a))
        #expect(DNSQuestion("a.test", .a) != DNSQuestion("a.test", .aaaa))
        #expect(DNSQuestion(".", .mx).name == "")
        #expect(DNSRecordType.allCases.map(\.number) == [1, 28, 15, 16, 12, 5, 99])
    }

    @Test("several questions are answered together, one and none as well")
    func several() async {
        let questions = [DNSQuestion("example.test", .a), DNSQuestion("slow.test", .a), DNSQuestion("no.test", .mx)]
        for count in 0...3 {
            let answers = await resolver.answers(to: questions.prefix(count))
            #expect(Set(answers.keys) == Set(questions.prefix(count)))
            for (question, answer) in answers { #expect(answer.outcome == (await resolver.resolve(question)).outcome) }
        }
    }
}
