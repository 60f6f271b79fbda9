// SPDX-License-Identifier: Apache-2.0
import SluiceTesting
import Testing

@testable import SluiceStages

@Suite("A set of hashes")
struct HashSetTests {
    @Test("it holds what the library's set holds, and knows how much two share", arguments: UInt64(1)...20)
    func likeSet(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var sets = [HashSet(limit: 2000, expected: 5), HashSet(limit: 2000, expected: 800)]
        var models: [Set<UInt64>] = [[], []]
        for index in 0..<2 {
            for _ in 0..<600 {
                let hash = UInt64.random(in: 0...500, using: &random) << UInt64.random(in: 0...50, using: &random)
                sets[index].insert(hash)
                models[index].insert(hash)
            }
            #expect(sets[index].count == models[index].count)
            #expect(models[index].allSatisfy(sets[index].contains))
        }
        #expect(sets[0].countShared(with: sets[1]) == models[0].intersection(models[1]).count)
        #expect((501...600).allSatisfy { !sets[0].contains($0 << 52 | 1) })
    }

    @Test("a full set takes nothing more")
    func full() {
        var set = HashSet(limit: 10, expected: 1)
        for hash in UInt64(0)..<100 { set.insert(hash) }
        #expect(set.count == 10 && set.isFull && set.contains(9) && !set.contains(10))
    }
}
