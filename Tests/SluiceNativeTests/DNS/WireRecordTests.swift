// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceNative

@Suite("Resource records on the wire") struct WireRecordTests {
    @Test("what is too short or too long is no record")
    func lengths() {
        #expect(WireRecord.read(.a, [192, 0, 2]) == nil)
        #expect(WireRecord.read(.a, [192, 0, 2, 1, 0]) == nil)
        #expect(WireRecord.read(.aaaa, [UInt8](repeating: 0, count: 15)) == nil)
        #expect(WireRecord.read(.mx, [0, 10]) == nil)
        #expect(WireRecord.read(.mx, [0, 10, 1, 0x61]) == nil, "no root label")
        #expect(WireRecord.read(.mx, [0, 10, 0, 0]) == nil, "something follows the root label")
        #expect(WireRecord.read(.txt, []) == nil)
        #expect(WireRecord.read(.txt, [4, 1, 2, 3]) == nil)
        #expect(WireRecord.read(.cname, [0xC0, 0x0C]) == nil, "a compression pointer")
        #expect(WireRecord.read(.ptr, []) == nil)
    }

    @Test("a name has at most 255 octets and labels of at most 63")
    func names() {
        let label = [UInt8(63)] + [UInt8](repeating: 0x61, count: 63)
        #expect(WireRecord.read(.ptr, label + label + label + [0]) != nil)
        #expect(WireRecord.read(.ptr, label + label + label + label + [0]) == nil)
        #expect(WireRecord.read(.ptr, [64] + [UInt8](repeating: 0x61, count: 64) + [0]) == nil)
    }

    @Test("a dot or control character within a label is escaped, so that it can't look like another name")
    func escapes() {
        let evil: [UInt8] = [6] + Array("a.b\u{0}C\n".utf8) + [0]
        #expect(WireRecord.read(.ptr, evil) == .name("a\\046b\\000c\\010"))
        #expect(WireRecord.isName("a\\046b\\000c\\010"))
    }

    @Test(
        "names that can be asked for",
        arguments: ["", "a", "_dmarc.example.org", "a\\046b.example", "1.2.0.192.in-addr.arpa"])
    func asked(name: String) { #expect(WireRecord.isName(name)) }

    @Test(
        "names that can't", arguments: [".", "a.", ".a", "a..b", "a b", "a\u{0}b", "\\9", "\\256", "\\+12", "\u{FC}"])
    func notAsked(name: String) { #expect(!WireRecord.isName(name)) }

    @Test("random octets are read or refused, and what is read can be asked for", arguments: [UInt64(1), 2, 3])
    func random(seed: UInt64) {
        var generator = SplitMix(state: seed)
        for _ in 0..<20_000 {
            let octets = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                Bool.random(using: &generator)
                    ? UInt8.random(in: 0...8, using: &generator) : UInt8.random(in: 0...255, using: &generator)
            }
            for type in DNSRecordType.allCases {
                switch WireRecord.read(type, octets) {
                case .name(let name), .mailExchange(_, let name): #expect(WireRecord.isName(name))
                case .text(let strings): #expect(strings.reduce(0) { $0 + $1.count + 1 } == octets.count)
                case .address(let address):
                    #expect(octets.suffix(address.octets.count).elementsEqual(address.octets))
                case nil: continue
                }
            }
        }
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
