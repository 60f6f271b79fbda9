// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceTesting
import Testing

@testable import SluiceCore

@Suite("The next CR, LF or NUL") struct LineScanTests {
    private func plain(_ octets: [UInt8], from start: Int) -> Int {
        (start..<octets.count).first { [0x0D, 0x0A, 0].contains(octets[$0]) } ?? max(start, octets.count)
    }

    @Test("is found wherever it stands, whatever stands around it", arguments: [0x00, 0x0A, 0x0D] as [UInt8])
    func places(octet: UInt8) {
        for filler in [0x01, 0x09, 0x0B, 0x0E, 0x20, 0x7F, 0x80, 0xFF] as [UInt8] {
            for place in 0..<40 {
                var octets = [UInt8](repeating: filler, count: 40)
                octets[place] = octet
                for start in 0...40 { #expect(octets.span.nextLineOctet(from: start) == plain(octets, from: start)) }
            }
        }
    }

    @Test("is what a search octet by octet finds", arguments: 0..<200 as Range<UInt64>)
    func random(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let some: [UInt8] = [0, 1, 9, 10, 13, 14, 32, 127, 128, 141, 255]
        let octets = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
            Bool.random(using: &generator)
                ? some.randomElement(using: &generator) ?? 0 : UInt8.random(in: 14...255, using: &generator)
        }
        for start in 0...octets.count { #expect(octets.span.nextLineOctet(from: start) == plain(octets, from: start)) }
    }
}
