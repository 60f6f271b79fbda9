// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceServer
import SluiceTesting
import Testing

@Suite("The id of a message") struct TransactionIDTests {
    private let start = Timestamp(seconds: 1_790_000_000)

    @Test("is 12 characters that can be read over the telephone, and sorts by time")
    func sorted() {
        let source = TransactionIDSource()
        let ids = (0..<1000).map { source.next(start + .milliseconds($0 / 3)) }
        #expect(ids.allSatisfy { $0.utf8.count == 12 })
        #expect(ids.allSatisfy { $0.allSatisfy { "0123456789abcdefghjkmnpqrstvwxyz".contains($0) } })
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == 1000)
    }

    @Test("is never given twice, whatever the clock does")
    func unique() {
        let source = TransactionIDSource()
        var random = SeededGenerator(seed: 1)
        var ids: Set<String> = []
        for _ in 0..<20_000 {
            ids.insert(source.next(start + .milliseconds(Int.random(in: -5...5, using: &random))))
        }
        #expect(ids.count == 20_000)
        #expect(TransactionIDSource().next(Timestamp(seconds: 0)).utf8.count == 12)
    }
}
