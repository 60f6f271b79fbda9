// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceNative

@Suite("SPF and what strangers may write")
struct SPFPropertyTests {
    private static let pieces = [
        "a", "mx", "ptr", "all", "include", "exists", "ip4", "ip6", "redirect=", "exp=", "x=", ":", "/", "//", "=", ".",
        "-", "~", "?", "+", " ", "  ", "%{", "}", "%", "%%", "%_", "%-", "d", "l", "p", "i", "s", "o", "h", "v", "c",
        "r",
        "t", "D", "0", "1", "2", "9", "32", "128", "129", "192.0.2.1", "10.0.0.0", "2001:db8::1", "::", "example.test",
        "x.test", "test", "\0", "\t", "\r\n", "\u{E9}", "{", "_", ",", "\"", "\\",
    ]

    /// A record of random pieces, most of which are near to something right.
    private static func record(_ generator: inout SeededGenerator) -> [UInt8] {
        var text = "v=spf1"
        for _ in 0..<Int.random(in: 0...5, using: &generator) {
            text += " "
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                text += pieces.randomElement(using: &generator) ?? ""
            }
        }
        return Array(text.utf8)
    }

    @Test("random octets are read or refused, and what is read is printable ASCII", arguments: [1, 2, 3] as [UInt64])
    func randomOctets(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<3_000 {
            var octets = Array("v=spf1 ".utf8)
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                octets.append(UInt8.random(in: 0...255, using: &generator))
            }
            let record = try? SPFRecord(parsing: octets)
            if record != nil { #expect(octets.allSatisfy { $0 >= 0x20 && $0 < 0x7F }) }
        }
    }

    @Test("whatever passes the grammar, libspf2 can evaluate", arguments: [4, 5, 6] as [UInt64])
    func whatPassesIsEvaluated(_ seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let locals = ["anna", "a b", "%{d}", "x/24", "-all", "\u{E9}", "\r\n", ".", "", "a..b"]
        var read = 0
        for round in 0..<1_500 {
            let octets = Self.record(&generator)
            let isRecord = (try? SPFRecord(parsing: octets)) != nil
            read += isRecord ? 1 : 0
            let zone = ZoneResolver([
                "example.test": [
                    .record(.txt, .text([octets])), .record(.mx, .mailExchange(preference: 1, exchange: "x.test")),
                ],
                "x.test": [.record(.txt, .text([Array("v=spf1 a -all".utf8)]))],
            ])
            let local = locals.randomElement(using: &generator) ?? ""
            let outcome = try await checkSPF(
                zone, ip: round % 2 == 0 ? "192.0.2.1" : "2001:db8::1", helo: local, from: "\(local)@example.test")
            #expect(outcome.reason?.contains("libspf2") != true, "\(String(decoding: octets, as: UTF8.self))")
            if !isRecord { #expect(outcome.result == .permerror) }
            let shown = [outcome.mechanism, outcome.reason, outcome.explanation].compactMap { $0 }
            for text in shown { #expect(!text.utf8.contains { $0 < 0x20 || $0 == 0x7F }) }
        }
        // The property is about records that pass; see that there are some.
        #expect(read > 100)
    }

    @Test("an ip4 network holds a client exactly where their leading bits are alike")
    func networks() async throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<400 {
            let network = UInt32.random(in: 0...UInt32.max, using: &generator)
            let prefix = Int.random(in: 0...32, using: &generator)
            let client = network ^ (1 << UInt32.random(in: 0...31, using: &generator))
            let mask = prefix == 0 ? 0 : UInt32.max << UInt32(32 - prefix)
            let record = "TXT v=spf1 ip4:\(Self.dotted(network))/\(prefix) -all"
            let outcome = try await checkSPF(["example.test": [record]], ip: Self.dotted(client))
            #expect(outcome.result == (network & mask == client & mask ? .pass : .fail), "\(record)")
        }
    }

    private static func dotted(_ address: UInt32) -> String {
        [24, 16, 8, 0].map { String(address >> $0 & 255) }.joined(separator: ".")
    }
}
