// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SluiceStages

@Suite("Pieces of HTML")
struct HTMLPiecesTests {
    private func tokens(_ html: String) -> [HTMLToken] {
        var tokenizer = HTMLTokenizer(Array(html.utf8))
        var tokens: [HTMLToken] = []
        while let token = tokenizer.next() { tokens.append(token) }
        return tokens
    }

    private func firstTag(_ html: String) -> HTMLTag? {
        if case .start(let tag)? = tokens(html).first { tag } else { nil }
    }

    @Test("tags, text and comments are told apart")
    func kinds() {
        #expect(
            tokens("a<B>c</B ><!--d--><!doctype x><?y?>")
                == [
                    .text(0..<1), .start(HTMLTag(name: "b", attributes: [])), .text(4..<5), .end("b"),
                    .comment(14..<17),
                    .comment(20..<29), .comment(32..<34),
                ])
    }

    @Test(
        "attributes are read with quotes of either kind, or none",
        arguments: [
            ("<a x=1 y='2' z=\"3\">", ["x": "1", "y": "2", "z": "3"]), ("<a x = 1 / y>", ["x": "1", "y": ""]),
            ("<a x=a/b>", ["x": "a/b"]),
            ("<a X='>'>", ["x": ">"]), ("<a x='a&amp;b'>", ["x": "a&b"]), ("<a x=>", ["x": ""]), ("<a =x>", ["=x": ""]),
            ("<a x='1", ["x": "1"]), ("<a\nx\n=\n1>", ["x": "1"]),
        ])
    func attributes(_ html: String, _ expected: [String: String]) throws {
        let tag = try #require(firstTag(html))
        let found = tag.attributes.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }
        #expect(Dictionary(found) { first, _ in first } == expected)
    }

    @Test("attributes and names are limited")
    func limits() throws {
        let many = try #require(firstTag("<a " + (0..<500).map { "x\($0)=1 " }.joined() + ">"))
        #expect(many.attributes.count == HTMLTokenizer.attributeLimit)
        let long = try #require(firstTag("<" + String(repeating: "a", count: 500) + ">"))
        #expect(long.name.utf8.count == HTMLTokenizer.nameLimit)
    }

    @Test("what stands in a script is no markup, and ends at its end tag in any case")
    func raw() {
        #expect(tokens("<script>a<b>c</SCRIPT>d").count == 4)
        #expect(tokens("<title><b></title>").count == 3)
    }

    @Test(
        "colours are read in all their forms",
        arguments: [
            ("#fff", 255, 255, 255), ("#0a141e", 10, 20, 30), ("0a141e", 10, 20, 30), ("rgb(10, 20,30)", 10, 20, 30),
            ("rgba(10,20,30,.5)", 10, 20, 30), ("White", 255, 255, 255), (" black ", 0, 0, 0),
            ("#FFF !important", 255, 255, 255),
        ])
    func colors(_ text: String, _ red: Int, _ green: Int, _ blue: Int) {
        #expect(HTMLColor(text.utf8) == HTMLColor(red: red, green: green, blue: blue))
    }

    @Test(
        "what is no colour is unknown",
        arguments: ["", "#", "#12345", "rgb(1,2)", "rgb(300,0,0)", "transparent", "inherit"])
    func noColor(_ text: String) {
        #expect(HTMLColor(text.utf8) == nil)
    }

    private func hiding(_ declarations: String, in style: HTMLStyle = HTMLStyle()) -> HTMLStyle.Hiding? {
        style.inside(HTMLTag(name: "div", attributes: [.init(name: "style", value: Array(declarations.utf8))])).hiding
    }

    @Test(
        "styles that hide",
        arguments: [
            ("display:none", .display as HTMLStyle.Hiding?), ("DISPLAY: NONE !important", .display),
            ("visibility:hidden", .display),
            ("opacity:0", .display), ("opacity:0.5", nil), ("font-size:0", .size), ("font-size:0.1em", .size),
            ("font-size:1pt", .size),
            ("font-size:10px", nil), ("font-size:90%", nil), ("font-size:small", nil), ("color:#fff", .color),
            ("color:#fdfdfd", .color),
            ("color:#fff;background:#000", nil), ("color:#000;background-color:black", .color),
            ("color:#fff;background:url(a)", nil),
            ("max-height:0", nil), ("height:0;overflow:hidden", .display), ("", nil), (";;:;color", nil),
        ])
    func styles(_ declarations: String, _ expected: HTMLStyle.Hiding?) {
        #expect(hiding(declarations) == expected)
    }

    @Test("what is hidden stays hidden inside")
    func inherited() {
        let hidden = HTMLStyle().inside(HTMLTag(name: "div", attributes: [.init(name: "hidden", value: [])]))
        #expect(hiding("display:block", in: hidden) == .display)
    }

    @Test("paragraphs are cut at empty lines, white space is squeezed, long ones are cut between words")
    func paragraphs() {
        var found: [[UInt8]] = []
        Paragraphs.normalized(Array(" a\u{A0} b\nc\n \n\nd\t".utf8), into: &found, limit: 10)
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == ["a b c\n", "d\n"])
        found = []
        Paragraphs.normalized(Array(String(repeating: "word ", count: 2000).utf8), into: &found, limit: 10)
        #expect(found.count == 5 && found.allSatisfy { $0.count <= Paragraphs.lengthLimit + 6 && $0.first == 0x77 })
        found = []
        Paragraphs.normalized([UInt8](repeating: 0x61, count: 50_000), into: &found, limit: 3)
        #expect(found.count == 3)
    }

    @Test("raw text is cut at line ends, without CR")
    func chunks() {
        var found: [[UInt8]] = []
        Paragraphs.chunks(Array(String(repeating: "a line of text\r\n", count: 1000).utf8), into: &found, limit: 100)
        #expect(found.count == 4 && found.allSatisfy { $0.last == 0x0A && !$0.contains(0x0D) })
    }
}
