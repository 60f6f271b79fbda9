// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@Suite("JSON") struct JSONTests {
    private func read(_ text: String) throws -> JSONValue { try JSONReader.read(text.utf8) }

    @Test("keeps the order of keys, and writes what is null")
    func order() throws {
        let value: JSONValue = ["z": 1, "a": nil, "m": [true, "x", [:], []]]
        #expect(value.written == #"{"z": 1, "a": null, "m": [true, "x", {}, []]}"#)
        #expect(try read(value.written) == value)
    }

    @Test("is read back as it was written, whatever it holds")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<1000 {
            let value = Self.value(using: &random, depth: 0)
            let text = value.written
            #expect(!text.contains("\n") && !text.contains("\r"))
            #expect(try read(text) == value)
        }
    }

    private static func text(using random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let code = [0x22, 0x5C, 0x0A, 0x0D, 0x00, 0x1F, 0x7F, 0x85, 0x2028, 0xE4, 0x1F600, 0x41].randomElement(
                using: &random)
            if let scalar = code.flatMap({ Unicode.Scalar(UInt32($0)) }) { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    private static func value(using random: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0...(depth > 3 ? 4 : 6), using: &random) {
        case 0: .null
        case 1: .bool(Bool.random(using: &random))
        case 2: .integer(Int64.random(in: .min ... .max, using: &random))
        case 3:
            .number(Double(Int.random(in: -100_000...100_000, using: &random) * 2 + 1) / 16 + 0.03125)
                .rounded
        case 4: .string(text(using: &random))
        case 5:
            .array(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in value(using: &random, depth: depth + 1) })
        default:
            .object(
                (0..<Int.random(in: 0...4, using: &random)).map { number in
                    .init("\(number)\(text(using: &random))", value(using: &random, depth: depth + 1))
                })
        }
    }

    @Test(
        "writes numbers that every reader takes",
        arguments: [
            (0.1 + 0.2, "0.3"), (5, "5"), (-0.0004, "0"), (1e300, "1e+300"), (.infinity, "null"), (.nan, "null"),
            (1e18, "1000000000000000000"), (-12.3456, "-12.346"),
        ])
    func numbers(_ number: Double, _ text: String) throws {
        #expect(JSONValue.number(number).written == text)
        #expect(throws: Never.self) { try read(text) }
    }

    @Test("reads escapes, surrogate pairs, and white space between")
    func escapes() throws {
        #expect(try read(#" "a\n\t\"\\\/\u00e4\ud83d\ude00" "#) == .string("a\n\t\"\\/ä😀"))
        #expect(try read(#""\ud83d""#) == .string("\u{FFFD}"))
        #expect(try read("[ 1 ,\r\n-2.5e1, 0 ]") == [.integer(1), .number(-25), .integer(0)])
    }

    @Test(
        "refuses what RFC 8259 does not have",
        arguments: [
            "", " ", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "'a'", "\"a", "\"\u{1}\"", "01", "+1", "1.",
            ".5",
            "1e", "--1", "0x1", "NaN", "Infinity", "tru", "nulll", "1 2", #""\x""#, #""\u12g4""#, #""\u+123""#,
            #""\ud83d\u0041""#, "1e999",
        ])
    func refused(_ text: String) {
        #expect(throws: JSONReader.Failure.self) { try read(text) }
    }

    @Test("refuses octets that are not UTF-8, and nesting without end")
    func hostile() {
        #expect(throws: JSONReader.Failure.self) { try JSONReader.read([0x22, 0xFF, 0x22]) }
        let error = #expect(throws: JSONReader.Failure.self) {
            try JSONReader.read([UInt8](repeating: UInt8(ascii: "["), count: 100_000))
        }
        #expect(error?.description == "octet 64: nested too deep")
    }

    @Test("never crashes on random octets")
    func fuzz() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5000 {
            let octets = random.octets(
                Int.random(in: 0...30, using: &random), from: Array(#"{}[]":,\u0d8e+-.1 tfn"#.utf8))
            _ = try? JSONReader.read(octets)  // an error is an answer
        }
    }

    @Test("gives values by key and by kind")
    func access() throws {
        let value = try read(#"{"a": 1, "b": "x", "c": true, "d": [1], "e": 2.0, "a": 2}"#)
        #expect(value["a"]?.integerValue == 1)
        #expect(value["b"]?.stringValue == "x" && value["b"]?.integerValue == nil)
        #expect(value["c"]?.boolValue == true)
        #expect(value["d"]?.arrayValue?.count == 1)
        #expect(value["e"]?.integerValue == 2)
        #expect(value["z"] == nil && JSONValue.null["a"] == nil)
    }
}

extension JSONValue {
    /// The number as it is written: with three places.
    fileprivate var rounded: JSONValue {
        guard case .number(let number) = self else { return self }
        let rounded = (number * 1000).rounded() / 1000
        return Int64(exactly: rounded).map { .integer($0) } ?? .number(rounded)
    }
}
