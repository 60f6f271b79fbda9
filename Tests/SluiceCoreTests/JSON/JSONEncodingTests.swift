// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceTesting
import Testing

@testable import SluiceCore

@Suite("Encodable values as JSON (RFC 8259)") struct JSONEncodingTests {
    private static func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoding.octets(of: value), as: UTF8.self)
    }

    private struct Nothing: Codable {}
    private struct Pair: Codable, Hashable {
        var first: Int?
        var second: [String]
    }
    private indirect enum Tree: Codable, Hashable {
        case leaf(String)
        case number(Double, isSure: Bool?)
        case branch([Tree])
        case table([Int: Tree])
        case end
    }
    /// A class hierarchy, which encodes its parent by `superEncoder()`.
    private final class Child: Encodable {
        enum Key: CodingKey { case own, list }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(1, forKey: .own)
            try Pair(first: 2, second: []).encode(to: container.superEncoder())
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encodeNil()
            var inner = list.nestedContainer(keyedBy: Key.self)
            try inner.encodeNil(forKey: .own)
            var innermost = list.nestedUnkeyedContainer()
            try innermost.encode(true)
            try Pair(first: nil, second: ["x"]).encode(to: list.superEncoder())
        }
    }

    @Test("octets are an array of numbers, and read back")
    func octets() throws {
        let all = [[UInt8](0...255), [], [UInt8](repeating: 200, count: 3)]
        #expect(try JSONDecoder().decode([[UInt8]].self, from: Data(JSONEncoding.octets(of: all))) == all)
        let table: [String: [UInt8]] = ["key": [1, 20, 255]]
        #expect(try Self.text(table) == #"{"key":[1,20,255]}"#)
    }

    @Test("values and what is written")
    func values() throws {
        #expect(try Self.text(5) == "5")
        #expect(try Self.text("a") == "\"a\"")
        #expect(try Self.text([1.5, -0.25, 1e300]) == "[1.5,-0.25,1e+300]")
        #expect(try Self.text([UInt64.max, 0]) == "[18446744073709551615,0]")
        #expect(try Self.text([[0, 9], [], [10, 99, 100, 255]] as [[UInt8]]) == "[[0,9],[],[10,99,100,255]]")
        #expect(try Self.text([nil, true, false]) == "[null,true,false]")
        #expect(try Self.text([[Int]]()) == "[]")
        #expect(try Self.text([[], [1], []] as [[Int]]) == "[[],[1],[]]")
        #expect(try Self.text(Nothing()) == "{}")
        #expect(try Self.text([Nothing(), Nothing()]) == "[{},{}]")
        #expect(try Self.text(Pair(first: nil, second: ["b"])) == #"{"second":["b"]}"#)
        #expect(try Self.text(Pair(first: 7, second: [])) == #"{"first":7,"second":[]}"#)
        #expect(
            try Self.text(Child())
                == #"{"own":1,"super":{"first":2,"second":[]},"list":[null,{"own":null},[true],{"second":["x"]}]}"#)
    }

    @Test(
        "what can't stand in a string is escaped",
        arguments: [
            ("\"\\/", #""\"\\/""#), ("\r\n\t", #""\r\n\t""#), ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""),
            ("\u{FC}\u{1F4E7}", "\"\u{FC}\u{1F4E7}\""), ("", "\"\""),
        ])
    func strings(text: String, written: String) throws { #expect(try Self.text(text) == written) }

    @Test("a number that JSON has not is an error", arguments: [Double.nan, .infinity, -.infinity])
    func noNumber(number: Double) { #expect(throws: EncodingError.self) { try JSONEncoding.octets(of: [number]) } }

    private static func tree(_ depth: Int, _ random: inout SeededGenerator) -> Tree {
        switch Int.random(in: 0...(depth > 0 ? 4 : 2), using: &random) {
        case 0: return .end
        case 1:
            let scalars = (0..<Int.random(in: 0...8, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...[0x7F, 0x2FF, 0x10FFFF][Int.random(in: 0...2)], using: &random))
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            return .leaf(String(text))
        case 2:
            return .number(Double.random(in: -1e6...1e6, using: &random), isSure: [nil, true][Int.random(in: 0...1)])
        case 3: return .branch((0..<Int.random(in: 0...4, using: &random)).map { _ in tree(depth - 1, &random) })
        default:
            var table: [Int: Tree] = [:]
            for key in 0..<Int.random(in: 0...3, using: &random) { table[key] = tree(depth - 1, &random) }
            return .table(table)
        }
    }

    @Test("JSONDecoder reads what was written", arguments: UInt64(1)...40)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let trees = (0..<20).map { _ in Self.tree(5, &random) }
        let read = try JSONDecoder().decode([Tree].self, from: Data(try JSONEncoding.octets(of: trees)))
        #expect(read == trees)
    }
}
