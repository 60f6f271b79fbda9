// SPDX-License-Identifier: Apache-2.0
import SluiceTesting
import Testing

@testable import SluiceNative

@Suite("DKIM tag-lists (RFC 6376 §3.2)") struct DKIMTagListTests {
    @Test(
        "what the grammar allows is read",
        arguments: [
            ("a=b", ["a": "b"]), ("a=b;", ["a": "b"]), (" a = b ; c=", ["a": "b", "c": ""]),
            ("a=b; \t", ["a": "b"]), ("a_1=x y  z", ["a_1": "x y  z"]), ("a=b=c", ["a": "b=c"]),
            ("\r\n\ta\r\n =\r\n b\r\n c;\r\n d=e", ["a": "b\r\n c", "d": "e"]), ("A=1;a=2", ["A": "1", "a": "2"]),
            ("i=f\u{FC}@x", ["i": "f\u{FC}@x"]),
        ])
    func valid(text: String, tags: [String: String]) throws {
        let list = try DKIMTagList(Array(text.utf8))
        #expect(Set(list.names) == Set(tags.keys))
        for (name, value) in tags { #expect(list.text(name) == value) }
    }

    @Test(
        "what the grammar forbids is refused",
        arguments: [
            "", " ", ";", "a", "a;", "=b", "a=b;;c=d", ";a=b", "1a=b", "_a=b", "a-b=c", "a b=c", "a=b\r\nc=d", "a=b\rc",
            "a=b\nc", "a=\u{0}", "a=\u{7F}", "a=\u{B}", "a=1;b=2;a=3", "a=b;\r\n", "a=b;c", "\u{FC}=x",
        ])
    func invalid(text: String) {
        #expect(throws: DKIMSyntaxError.self) { try DKIMTagList(Array(text.utf8)) }
    }

    @Test("octets that are not UTF-8 are refused")
    func notUTF8() {
        #expect(throws: DKIMSyntaxError.self) { try DKIMTagList(Array("i=".utf8) + [0xFF]) }
    }

    @Test("a tag that stands twice is named")
    func doubled() {
        #expect(throws: DKIMSyntaxError("tag d= stands there twice")) { try DKIMTagList(Array("d=a; s=b; d=a".utf8)) }
    }

    @Test("a list that is too long is refused")
    func tooLong() {
        #expect(throws: DKIMSyntaxError.self) {
            try DKIMTagList(Array("a=".utf8) + Array(repeating: 0x61, count: DKIMTagList.lengthLimit))
        }
    }

    @Test("numbers have so many digits and nothing else")
    func numbers() throws {
        let list = try DKIMTagList(Array("t=12; x=; l=-1; y=1 2; z=99999999999999999999999".utf8))
        #expect(try list.number("t", digits: 12) == 12)
        #expect(try list.number("t", digits: 2) == 12)
        #expect(try list.number("missing", digits: 12) == nil)
        #expect(try list.number("z", digits: 76) == Int.max)
        for name in ["x", "l", "y", "z"] {
            #expect(throws: DKIMSyntaxError.self) { try list.number(name, digits: 12) }
        }
    }

    @Test("lists have an element between any two colons")
    func lists() throws {
        let list = try DKIMTagList(Array("h=from : to:\r\n\tsubject; a=; b=x:; c=x y:z".utf8))
        #expect(try list.list("h") == ["from", "to", "subject"])
        #expect(try list.list("missing") == nil)
        for name in ["a", "b", "c"] {
            #expect(throws: DKIMSyntaxError.self) { try list.list(name) }
        }
    }

    @Test("the range of b= is what lies between its = and the next semicolon")
    func signatureValue() throws {
        let text = Array("v=1; b= ab\r\n\tcd ; h=x".utf8)
        let list = try DKIMTagList(text)
        let range = try #require(list.signatureValueRange)
        #expect(String(decoding: text[range], as: UTF8.self) == " ab\r\n\tcd ")
        #expect(!list.hasSpaceAfterB)
        #expect(try DKIMTagList(Array("b =x".utf8)).hasSpaceAfterB)
        #expect(try DKIMTagList(Array("bh =x; a =y".utf8)).hasSpaceAfterB == false)
    }

    @Test("what is written with any folding is read back", arguments: UInt64(1)...20)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let spaces = ["", " ", "\t", "\r\n ", " \r\n\t"]
        func space() -> String { spaces.randomElement(using: &random) ?? "" }
        var expected: [String: String] = [:]
        var text = ""
        for index in 0..<Int.random(in: 1...12, using: &random) {
            let value = String(
                decoding: (0..<Int.random(in: 0...20, using: &random)).map { _ in
                    UInt8.random(in: 0x21...0x7E, using: &random)
                }.filter { $0 != UInt8(ascii: ";") }, as: UTF8.self)
            expected["t\(index)"] = value
            text += (index > 0 ? ";" : "") + "\(space())t\(index)\(space())=\(space())\(value)\(space())"
        }
        let list = try DKIMTagList(Array(text.utf8))
        #expect(list.names == (0..<expected.count).map { "t\($0)" })
        for (name, value) in expected { #expect(list.text(name) == value) }
    }

    @Test("any octets are read or refused", arguments: UInt64(1)...10)
    func anyOctets(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("ab=; \r\n\t1_:".utf8) + [0, 0x7F, 0xC3, 0xBC, 0xFF]
        for _ in 0..<500 {
            let octets = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            guard let list = try? DKIMTagList(octets) else { continue }
            // What is read holds no octet that no tag may hold, and each name once.
            #expect(Set(list.names).count == list.names.count)
            for name in list.names {
                let value = list[name] ?? []
                #expect(!value.contains { $0 == 0 || $0 == 0x7F || $0 == UInt8(ascii: ";") })
            }
        }
    }
}

@Suite("Base64 in tag-lists") struct DKIMBase64Tests {
    @Test("what is encoded is decoded", arguments: 0...70)
    func roundTrip(count: Int) {
        var random = SeededGenerator(seed: UInt64(count) + 1)
        let octets = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        let text = DKIMBase64.encode(octets)
        #expect(DKIMBase64.decode(text.utf8) == octets)
        #expect(DKIMBase64.decode(text.utf8.flatMap { [$0, 0x20, 0x0D, 0x0A, 0x09] }) == octets)
        #expect(DKIMBase64.decode(text.utf8.filter { $0 != UInt8(ascii: "=") }) == octets)
    }

    @Test(
        "RFC 4648's examples",
        arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func examples(plain: String, encoded: String) {
        #expect(DKIMBase64.encode(Array(plain.utf8)) == encoded)
        #expect(DKIMBase64.decode(encoded.utf8) == Array(plain.utf8))
    }

    @Test(
        "what is no base64 is refused",
        arguments: ["Z", "Zg=", "Zh==", "Zm9=", "Zm8==", "Zg==Zg==", "Zm_v", "Z*==", "====", "Zm9v="])
    func invalid(text: String) { #expect(DKIMBase64.decode(text.utf8) == nil) }
}
