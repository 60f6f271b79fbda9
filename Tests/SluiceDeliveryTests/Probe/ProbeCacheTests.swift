// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceDelivery
import Testing

@Suite("Probe cache")
struct ProbeCacheTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let yes = RecipientAnswer(exists: true, reply: Reply(250, nil, "yes"))
    private let no = RecipientAnswer(exists: false, reply: Reply(550, nil, "no"))
    private func mailbox(_ number: Int) -> Mailbox { Mailbox(localPart: "r\(number)", domain: "example.org") }

    @Test("yes is remembered for seven days, no for five minutes")
    func times() {
        var cache = ProbeCache()
        cache.remember(yes, for: mailbox(1), at: now)
        cache.remember(no, for: mailbox(2), at: now)
        #expect(cache.answer(for: mailbox(1), at: now + .seconds(7 * 86400 - 1)) == yes)
        #expect(cache.answer(for: mailbox(1), at: now + .seconds(7 * 86400)) == nil)
        #expect(cache.answer(for: mailbox(2), at: now + .seconds(299)) == no)
        #expect(cache.answer(for: mailbox(2), at: now + .seconds(300)) == nil)
        #expect(cache.answer(for: mailbox(3), at: now) == nil)
    }

    @Test("a newer answer takes the place of the older")
    func newer() {
        var cache = ProbeCache()
        cache.remember(yes, for: mailbox(1), at: now)
        cache.remember(no, for: mailbox(1), at: now)
        #expect(cache.answer(for: mailbox(1), at: now) == no)
        #expect(cache.count == 1)
    }

    @Test("it never holds more than its limit, and the oldest goes first")
    func bounded() {
        var cache = ProbeCache(limit: 10)
        for number in 0..<1000 {
            cache.remember(yes, for: mailbox(number), at: now)
            cache.remember(yes, for: mailbox(0), at: now)
            #expect(cache.count <= 10)
        }
        #expect(cache.answer(for: mailbox(999), at: now) != nil)
        #expect(cache.answer(for: mailbox(0), at: now) != nil)
        #expect(cache.answer(for: mailbox(500), at: now) == nil)
    }
}
