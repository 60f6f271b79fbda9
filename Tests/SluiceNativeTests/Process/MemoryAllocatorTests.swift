// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import SluiceNative

@Suite("The allocator", .serialized) struct MemoryAllocatorTests {
    private static func residentPages() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }

    @Test("what was freed in small blocks goes back to the system, but for what others use meanwhile")
    func returned() throws {
        MemoryAllocator.bound()
        // What earlier tests have left free would be taken first.
        MemoryAllocator.returnUnused()
        let before = try Self.residentPages()
        var blocks: [[UInt8]] = (0..<40_000).map { _ in [UInt8](repeating: 1, count: 1000) }
        let held = try Self.residentPages()
        // One in a hundred stays, so that no heap ends before it.
        blocks = blocks.enumerated().compactMap { $0 % 100 == 0 ? $1 : nil }
        MemoryAllocator.returnUnused()
        let after = try Self.residentPages()
        #expect(blocks.count == 400)
        // 40 MB are some 10,000 pages; others take and give memory meanwhile.
        #expect(held - before > 5000, "\(before), \(held), \(after) pages")
        #expect(held - after > 5000, "\(before), \(held), \(after) pages")
    }
}
