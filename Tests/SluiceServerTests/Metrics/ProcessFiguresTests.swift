// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import SluiceServer

@Suite("The figures of the process") struct ProcessFiguresTests {
    @Test("are those of this process")
    func here() throws {
        let before = try #require(ProcessFigures.current())
        let pipes = (0..<10).map { _ in Pipe() }
        let block = [UInt8](repeating: 1, count: 64 << 20)
        let after = try #require(ProcessFigures.current())
        #expect(after.openDescriptors >= before.openDescriptors + 10, "other tests may have closed some")
        #expect(after.residentMemory >= 64 << 20)
        #expect(after.virtualMemory > after.residentMemory)
        #expect(after.processorTime >= before.processorTime)
        #expect(after.processorTime > .zero)
        #expect(after.maximumDescriptors >= after.openDescriptors)
        #expect(block.count == 64 << 20 && pipes.count == 10)
    }

    @Test("are not read from what is no such file", arguments: ["", "12", "a b", "12 x 3", "\n\n"])
    func malformed(_ text: String) { #expect(ProcessFigures.pages(text) == nil) }

    @Test("are pages as proc(5) has them")
    func pages() throws {
        let pages = try #require(ProcessFigures.pages("23456 1200 800 10 0 5000 0\n"))
        #expect(pages == (23456, 1200))
    }
}
