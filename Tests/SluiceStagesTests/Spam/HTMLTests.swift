// SPDX-License-Identifier: Apache-2.0
import SluiceTesting
import Testing

@testable import SluiceStages

@Suite("HTML as text")
struct HTMLTests {
    private func render(_ html: String) -> HTMLRendering { HTMLRenderer.render(Array(html.utf8)) }
    private func shown(_ html: String) -> String {
        String(decoding: Paragraphs.squeezed(render(html).visible), as: UTF8.self)
    }

    @Test(
        "what a reader sees",
        arguments: [
            ("plain", "plain"), ("<b>a</b>b", "ab"), ("a<br>b", "a b"), ("<p>a<p>b", "a b"),
            ("<td>a</td><td>b</td>", "a b"),
            ("a &amp; b &lt;c&gt; &#65;&#x42; &euro;&#128;", "a & b <c> AB €€"), ("&bogus; &", "&bogus; &"),
            ("&#0; &#1114112;", "\u{FFFD} \u{FFFD}"), ("a<!-- hidden -->b", "ab"), ("a<!-->b", "ab"),
            ("<script>if (a<b) x()</script>shown", "shown"), ("<style>p{}</style>shown", "shown"),
            ("<title>head</title>body", "body"), ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"), ("a</b></p></i>b", "a b"),
            ("<a href='x>y'>z</a>", "z"), ("<div style=display:none>x</div>y", "y"), ("<span hidden>x</span>y", "y"),
            ("<p style='font-size:0'>x</p>y", "y"), ("<p style='visibility:hidden'>x<b>y</b></p>z", "z"),
            ("<font color=white>x</font>y", "y"), ("<body bgcolor=black text=white>x", "x"),
            ("<td bgcolor=#336699><font color=#ffffff>x</font></td>", "x"),
            ("<div style='background:url(x.png);color:#fff'>x</div>", "x"),
            ("<div style='max-height:0;overflow:hidden'>x</div>y", "y"), ("<DIV STYLE='DISPLAY : NONE'>x</DIV>y", "y"),
        ])
    func visible(_ html: String, _ expected: String) {
        #expect(shown(html) == expected)
    }

    @Test("hidden text is still text, and counted by the way it is hidden")
    func hidden() {
        let rendering = render(
            "a<p style='display:none'>one</p><p style='font-size:1px'>two!</p><font color=#fff>three</font>")
        #expect(String(decoding: rendering.text.filter { $0 > 0x20 }, as: UTF8.self) == "aonetwo!three")
        #expect(rendering.hiding == [.display: 3, .size: 4, .color: 5])
        #expect(rendering.hiddenCount == 12)
    }

    @Test("links, images, forms and elements are collected")
    func collected() {
        let rendering = render(
            """
            <a href="http://a.example/?x=1&amp;y=2">go <b>there</b></a><img src=i.png width=10 height="20px">
            <form action=http://f.example><input type=PASSWORD></form><meta http-equiv=refresh content="0; url=http://r.example/">
            """)
        #expect(rendering.links.map { String(decoding: $0.target, as: UTF8.self) } == ["http://a.example/?x=1&y=2"])
        #expect(rendering.links.map { String(decoding: $0.text, as: UTF8.self) } == ["go there"])
        #expect(rendering.images == [.init(source: Array("i.png".utf8), width: 10, height: 20)])
        #expect(rendering.forms == [Array("http://f.example".utf8)])
        #expect(rendering.hasPasswordField)
        #expect(rendering.otherSources == [Array("http://r.example/".utf8)])
        #expect(rendering.elements.isSuperset(of: ["a", "b", "img", "form", "input", "meta"]))
    }

    @Test("an unfinished tag, comment, script or quotation swallows the rest, as in browsers")
    func unfinished() {
        #expect(shown("a<b title=\"x>y") == "a")
        #expect(shown("a<!-- b") == "a")
        #expect(shown("a<script>b") == "a")
        #expect(shown("a<") == "a<")
        #expect(shown("a</") == "a</")
    }

    @Test(
        "hostile HTML takes linear time and bounded memory",
        arguments: [
            "<", "<b ", "<!--", "<a href=\"", "&", "&#", "<div>", "<script>", "</b>", "<b a=1 ",
            "<div style=\"color:red;", "<x:y>",
            "<a href=x>", "<img src=x>", "<font color=white>a</font>", "<textarea>", "-->",
        ])
    func hostile(_ piece: String) {
        let started = ContinuousClock.now
        let rendering = render(String(repeating: piece, count: 300_000 / piece.utf8.count))
        #expect(rendering.links.count <= HTMLRenderer.listLimit && rendering.images.count <= HTMLRenderer.listLimit)
        #expect(ContinuousClock.now - started < .seconds(10))
    }

    @Test("any octets are HTML", arguments: 0..<20)
    func anything(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "<", ">", "</", "<!--", "-->", "\"", "'", "=", "&", ";", "#", "a", " ", "style", "script", "div", "\n", "/",
        ]
        let html = (0..<2000).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
        let rendering = render(html)
        #expect(rendering.visible.count <= html.utf8.count * 3)
    }
}
