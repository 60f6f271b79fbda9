// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("Token buckets") struct TokenBucketsTests {
    private let start = Timestamp(seconds: 1_790_000_000)

    private func take(_ buckets: inout TokenBuckets<Int>, _ key: Int, at time: Timestamp) -> Bool {
        buckets.take(key, at: time)
    }

    @Test("let a burst of the whole number through, and then as many as come in anew")
    func refill() {
        var buckets = TokenBuckets<Int>(Rate(count: 6, period: .seconds(60)))
        for _ in 0..<6 { #expect(take(&buckets, 1, at: start)) }
        #expect(!take(&buckets, 1, at: start))
        #expect(!take(&buckets, 1, at: start + .seconds(9)))
        #expect(take(&buckets, 1, at: start + .seconds(10)))
        #expect(!take(&buckets, 1, at: start + .seconds(10)))
        for _ in 0..<6 { #expect(take(&buckets, 1, at: start + .seconds(3600))) }
        #expect(!take(&buckets, 1, at: start + .seconds(3600)))
    }

    @Test("count each key for itself")
    func keys() {
        var buckets = TokenBuckets<Int>(Rate(count: 1, period: .seconds(60)))
        #expect(take(&buckets, 1, at: start))
        #expect(take(&buckets, 2, at: start))
        #expect(!take(&buckets, 1, at: start))
    }

    @Test("neither give nor take when the clock is set back")
    func clockSetBack() {
        var buckets = TokenBuckets<Int>(Rate(count: 2, period: .seconds(60)))
        #expect(take(&buckets, 1, at: start))
        #expect(take(&buckets, 1, at: start + .seconds(-86400)))
        #expect(!take(&buckets, 1, at: start + .seconds(-86400)))
        #expect(take(&buckets, 1, at: start + .seconds(-86370)))
        #expect(!take(&buckets, 1, at: start + .seconds(-86370)))
    }

    @Test("remember a bounded number of keys, and forget those first that owe nothing")
    func bounded() {
        var buckets = TokenBuckets<Int>(Rate(count: 1, period: .seconds(60)), keyLimit: 100)
        #expect(take(&buckets, 0, at: start + .seconds(90)))
        for key in 1..<100 { #expect(take(&buckets, key, at: start)) }
        #expect(take(&buckets, 1000, at: start + .seconds(91)))
        #expect(buckets.keyCount == 2)
        #expect(!take(&buckets, 0, at: start + .seconds(91)))
        for key in 2000..<100_000 { _ = buckets.take(key, at: start + .seconds(91)) }
        #expect(buckets.keyCount <= 100)
    }

    @Test("over any time never let more through than the number and what came in anew")
    func property() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<50 {
            let count = Int.random(in: 1...20, using: &generator)
            let seconds = Int64.random(in: 1...100, using: &generator)
            var buckets = TokenBuckets<Int>(Rate(count: count, period: .seconds(seconds)))
            var now = start
            var taken = 0
            for _ in 0..<500 {
                now = now + .milliseconds(Int64.random(in: 0...2000, using: &generator))
                if buckets.take(1, at: now) { taken += 1 }
                let elapsed = Double((now - start).wholeMilliseconds) / 1000
                #expect(Double(taken) <= Double(count) * (1 + elapsed / Double(seconds)) + 1e-6)
            }
            #expect(taken >= count)
        }
    }
}

@Suite("Rates of messages") struct MessageRatesTests {
    private let now = Timestamp(seconds: 1_790_000_000)

    private func limits(_ yaml: String) throws -> RateLimits {
        let node = try YAMLReader.read(yaml, file: "t")
        let reader = ConfigurationReader(directory: "")
        let section = ConfigurationSection(
            node, path: "rates", reader: reader, mark: SourceMark(file: "t", line: 1, column: 1))
        defer { section.finish() }
        let limits = RateLimits(reading: section)
        if reader.hasErrors { throw ServerError(message: "\(reader.diagnostics)") }
        return limits
    }

    private func client(_ address: String, login: String? = nil) throws -> ClientInfo {
        ClientInfo(address: try #require(IPAddress(address)), login: login)
    }

    @Test("are counted by client, but not for trusted networks and logins, which have limits of their own")
    func byClient() throws {
        let rates = MessageRates(try limits("{client: 1/1h, login: 2/1h}"))
        let stranger = try client("2001:db8::1")
        #expect(rates.refusal(of: stranger, isTrustedNetwork: false, reversePath: .null, at: now) == nil)
        // Another address of the same /64 is the same client.
        let same = rates.refusal(
            of: try client("2001:db8::2"), isTrustedNetwork: false, reversePath: .null, at: now)
        #expect(same?.description == "450 4.7.1 too many messages from your address, try again later")
        #expect(rates.refusal(of: stranger, isTrustedNetwork: true, reversePath: .null, at: now) == nil)
        let ann = try client("2001:db8::1", login: "ann")
        #expect(rates.refusal(of: ann, isTrustedNetwork: false, reversePath: .null, at: now) == nil)
        #expect(rates.refusal(of: ann, isTrustedNetwork: false, reversePath: .null, at: now) == nil)
        let third = rates.refusal(of: ann, isTrustedNetwork: false, reversePath: .null, at: now)
        #expect(third?.text.contains("with this login") == true)
    }

    @Test("are counted by sender, whoever the client is, but never for the null reverse-path")
    func bySender() throws {
        let rates = MessageRates(try limits("{sender: 1/1h}"))
        let sender = ReversePath.mailbox(try #require(Mailbox("a@b.test")))
        #expect(
            rates.refusal(of: try client("192.0.2.1"), isTrustedNetwork: false, reversePath: sender, at: now) == nil)
        let again = rates.refusal(
            of: try client("192.0.2.9"), isTrustedNetwork: true, reversePath: sender, at: now)
        #expect(again?.code == 450)
        for _ in 0..<10 {
            #expect(
                rates.refusal(of: try client("192.0.2.1"), isTrustedNetwork: false, reversePath: .null, at: now) == nil)
        }
    }

    @Test("are a number and a time", arguments: ["600", "0/1h", "5/0s", "a/1h", "5/1h/2", "5/40d"])
    func malformed(_ text: String) throws {
        #expect(throws: (any Error).self) { try limits("{client: \"\(text)\"}") }
    }
}
