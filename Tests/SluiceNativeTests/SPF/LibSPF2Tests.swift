// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceNative

@Suite("The door to libspf2")
struct LibSPF2Tests {
    private func evaluate(
        _ record: String, _ client: String, _ answers: [DNSQuestion: DNSAnswer] = [:]
    ) throws -> (outcome: LibSPF2.Outcome, asked: [DNSQuestion]) {
        final class Asked { var questions: [DNSQuestion] = [] }
        let asked = Asked()
        guard let library = LibSPF2() else { throw OutOfMemory() }
        let outcome = library.evaluate(record: record, client: try #require(IPAddress(client))) { name, type in
            asked.questions.append(DNSQuestion(name, type))
            return answers[DNSQuestion(name, type)]
        }
        return (outcome, asked.questions)
    }

    private struct OutOfMemory: Error {}

    @Test("a directive that matches gives what its qualifier says")
    func qualifiers() throws {
        for (qualifier, result) in [("+", SPFResult.pass), ("-", .fail), ("~", .softfail), ("?", .neutral)] {
            #expect(try evaluate("v=spf1 \(qualifier)ip4:192.0.2.0/24", "192.0.2.9").outcome == .matched(result))
            #expect(try evaluate("v=spf1 \(qualifier)ip4:192.0.2.0/24", "192.0.3.9").outcome == .notMatched)
        }
    }

    @Test("an IPv6 network is compared by its leading bits")
    func ipv6() throws {
        #expect(try evaluate("v=spf1 ip6:2001:db8::/33", "2001:db8:7fff::1").outcome == .matched(.pass))
        #expect(try evaluate("v=spf1 ip6:2001:db8::/33", "2001:db8:8000::1").outcome == .notMatched)
        #expect(try evaluate("v=spf1 ip6:2001:db8::1/128", "2001:db8::1").outcome == .matched(.pass))
    }

    @Test("loopback clients get no free ride")
    func loopback() throws {
        #expect(try evaluate("v=spf1 -all", "127.0.0.1").outcome == .matched(.fail))
        #expect(try evaluate("v=spf1 -all", "::1").outcome == .matched(.fail))
    }

    @Test("an answer that is not at hand ends the run")
    func missing() throws {
        let (outcome, asked) = try evaluate("v=spf1 a:x.test", "192.0.2.1")
        #expect(outcome != .notMatched && outcome != .matched(.pass))
        #expect(asked == [DNSQuestion("x.test", .a)])
    }

    @Test("addresses of an mx are looked up until one matches")
    func mailExchanges() throws {
        let address = try #require(IPAddress("192.0.2.1"))
        let (outcome, asked) = try evaluate(
            "v=spf1 mx:x.test", "192.0.2.1",
            [
                DNSQuestion("x.test", .mx): DNSAnswer(
                    .records,
                    ["a", "b", "c"].map { .mailExchange(preference: 10, exchange: "\($0).x.test") }),
                DNSQuestion("a.x.test", .a): DNSAnswer(.nameError),
                DNSQuestion("b.x.test", .a): DNSAnswer(.records, [.address(address)]),
            ])
        #expect(outcome == .matched(.pass))
        #expect(asked.map(\.name) == ["x.test", "a.x.test", "b.x.test"])
    }

    @Test("records of another type, and names with a NUL, stay out of an answer")
    func foreignRecords() throws {
        let (outcome, _) = try evaluate(
            "v=spf1 a:x.test", "192.0.2.1",
            [DNSQuestion("x.test", .a): DNSAnswer(.records, [.name("y.test"), .text([[1]])])])
        #expect(outcome == .notMatched)
        let (other, asked) = try evaluate(
            "v=spf1 mx:x.test", "192.0.2.1",
            [DNSQuestion("x.test", .mx): DNSAnswer(.records, [.mailExchange(preference: 1, exchange: "y\0.test")])])
        #expect(other == .notMatched)
        #expect(asked.count == 1)
    }

    @Test("what libspf2 can't read is an error and no result")
    func unreadable() throws {
        for record in ["", "v=spf2", "v=spf1 foo:x", "v=spf1 ip4:1.2.3", "v=spf1 a/33"] {
            let outcome = try evaluate(record, "192.0.2.1").outcome
            guard case .ended = outcome else {
                Issue.record("\(record): \(outcome)")
                continue
            }
        }
    }

    @Test("handles can be made, used and freed many times")
    func lifetime() throws {
        for round in 0..<2_000 {
            #expect(
                try evaluate("v=spf1 ip4:192.0.2.\(round % 256)", "192.0.2.\(round % 256)").outcome == .matched(.pass))
        }
    }
}
