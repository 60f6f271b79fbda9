// SPDX-License-Identifier: Apache-2.0

extension WorstMessage {
    /// HTML.
    package static let pages: [WorstMessage] = [
        page("a page of <", "<"), page("a page of </", "</"), page("a page of <a", "<a "),
        page("a page of <!--", "<!--"),
        page("a page of <!", "<!x>"), page("a page of &", "&"), page("a page of &amp;", "&amp;"),
        page("a page of &#", "&#x110000;"), page("a page of attributes", "a=\"b\" "),
        page("a page of unclosed quotes", "<a b=\"'"), page("a page of empty elements", "<>"),
        page("a page of <div>", "<div>"), page("a page of <b><i>", "<b><i><u>"), page("a page of </div>", "</div>"),
        page("a page of tables", "<table><tr><td>"),
        page("a page of styles", "<p style=\"color:#ffffff;font-size:1px;display:none\">x</p>"),
        page("a page of <style>", "<style>a{b:c}"), page("a page of <script>", "<script>x</script>"),
        page("a page of links", "<a href=http://a.b/>"), page("a page of images", "<img src=http://a.b/c.gif width=1>"),
        page("a page of forms", "<form action=http://a.b/><input>"), page("a page of titles", "<title>x"),
        WorstMessage("a page nested deep, each with a style", text) { size in
            numbered("text/html", size: size) {
                "<div style=\"color:#\(100_000 + $0 % 900_000)\"><span id=\"s\($0)\">x\r\n"
            }
        },
        WorstMessage("a page of one tag with a million attributes", text) { size in
            numbered("text/html", size: size) { ($0 == 0 ? "<a " : "") + "a\($0)=\"http://h\($0).test/\"\r\n" }
        },
        WorstMessage("a page of links that show others", text) { size in
            numbered("text/html", size: size) {
                "<a href=\"http://h\($0).test/\">http://www\($0).bank.test/</a><b>x</b>\r\n"
            }
        },
    ]

    private static func page(_ name: String, _ unit: String) -> WorstMessage {
        WorstMessage(name, text) { size in part("text/html; charset=utf-8", lines(unit), size: size) }
    }
}
