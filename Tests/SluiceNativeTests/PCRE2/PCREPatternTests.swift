// SPDX-License-Identifier: Apache-2.0
import SluiceNative
import Testing

@Suite("Regular expressions over octets")
struct PCREPatternTests {
    private func outcome(
        _ pattern: String, _ subject: String, _ options: PCREOptions = [], limits: PCRELimits = PCRELimits()
    ) throws -> PCREOutcome {
        let scratch = try #require(PCREScratch(limits: limits))
        return try PCREPattern(Array(pattern.utf8), options: options)
            .firstMatch(in: Array(subject.utf8), using: scratch)
    }

    @Test("a search answers with the range of octets that matched")
    func range() throws {
        #expect(try outcome("b+", "aabbb") == .match(2..<5))
        #expect(try outcome("z", "aabbb") == .noMatch)
        #expect(try outcome("^$", "") == .match(0..<0))
        #expect(try outcome("", "") == .match(0..<0))
    }

    @Test("the flags i, m, s and x mean what they mean in Perl")
    func flags() throws {
        #expect(try outcome("ABC", "abc") == .noMatch)
        #expect(try outcome("ABC", "abc", .caseless) == .match(0..<3))
        #expect(try outcome("^b", "a\nb") == .noMatch)
        #expect(try outcome("^b", "a\nb", .multiline) == .match(2..<3))
        #expect(try outcome("a.b", "a\nb") == .noMatch)
        #expect(try outcome("a.b", "a\nb", .dotAll) == .match(0..<3))
        #expect(try outcome("a b # both", "ab", .extended) == .match(0..<2))
    }

    @Test("pattern and subject are octets, not characters")
    func octets() throws {
        let scratch = try #require(PCREScratch())
        let pattern = try PCREPattern([0x5B, 0x80, 0x2D, 0xFF, 0x5D])
        #expect(pattern.firstMatch(in: [0x41, 0xC3, 0xBC], using: scratch) == .match(1..<2))
        #expect(pattern.firstMatch(in: [0x41, 0xC3, 0xBC], from: 2, using: scratch) == .match(2..<3))
        #expect(pattern.firstMatch(in: [0x41], from: 2, using: scratch) == .noMatch)
    }

    @Test("a broken pattern says what is wrong and where")
    func broken() {
        let error = #expect(throws: PCREError.self) { try PCREPattern(Array("ab(c".utf8)) }
        #expect(error?.offset == 4)
        #expect(error?.message.contains("parenthesis") == true)
        #expect(throws: PCREError.self) { try PCREPattern(Array("a\\Cb".utf8)) }
        #expect(throws: PCREError.self) {
            try PCREPattern([UInt8](repeating: 0x61, count: PCREPattern.lengthLimit + 1))
        }
    }

    @Test("a search that would take for ever ends at the match limit, and says so")
    func matchLimit() throws {
        let started = ContinuousClock.now
        let outcome = try outcome("^(?:a+)+$", String(repeating: "a", count: 40) + "b")
        #expect(outcome == .limitHit(.match))
        #expect(ContinuousClock.now - started < .seconds(2))
    }

    @Test("after a limit the scratch works on")
    func afterLimit() throws {
        let scratch = try #require(PCREScratch(limits: PCRELimits(match: 1000)))
        let costly = try PCREPattern(Array("^(?:a+)+$".utf8))
        let subject = [UInt8](repeating: 0x61, count: 40) + [0x62]
        #expect(costly.firstMatch(in: subject, using: scratch) == .limitHit(.match))
        #expect(try PCREPattern(Array("b$".utf8)).firstMatch(in: subject, using: scratch) == .match(40..<41))
    }

    @Test("one pattern serves many threads")
    func threads() async throws {
        let pattern = try PCREPattern(Array("needle".utf8), options: .caseless)
        let hits = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<64 {
                group.addTask {
                    guard let scratch = PCREScratch() else { return false }
                    let subject = Array((String(repeating: "x", count: index) + "NEEDLE").utf8)
                    return pattern.firstMatch(in: subject, using: scratch) == .match(index..<(index + 6))
                }
            }
            return await group.reduce(into: 0) { count, hit in count += hit ? 1 : 0 }
        }
        #expect(hits == 64)
    }

    @Test("working memory that is lent is nobody else's meanwhile, and is of the limits that were asked for")
    func lent() throws {
        let limits = PCRELimits(match: 777)
        let pattern = try PCREPattern(Array("(a+)+$".utf8))
        let both = PCREScratch.lend(limits: limits) { outer in
            PCREScratch.lend(limits: limits) { inner in outer === inner }
        }
        #expect(both == .some(.some(false)))
        let hard = Array(String(repeating: "a", count: 60).utf8) + [0x21]
        for _ in 0..<3 {
            let found = PCREScratch.lend(limits: limits) { pattern.firstMatch(in: hard, using: $0) }
            #expect(found == .limitHit(.match))
            let easy = PCREScratch.lend(limits: PCRELimits()) { pattern.firstMatch(in: [0x61, 0x61], using: $0) }
            #expect(easy == .match(0..<2))
        }
    }
}
