// SPDX-License-Identifier: Apache-2.0

extension RuleCase {
    private static func link(_ target: String, _ text: String = "the page") -> SampleMail {
        SampleMail(text: nil, html: "<p>Here is <a href=\"\(target)\">\(text)</a> of which we spoke on Monday.</p>")
    }

    private static func page(_ html: String) -> SampleMail {
        SampleMail(text: nil, html: "<html><body><p>The report of last week is ready.</p>\(html)</body></html>")
    }

    /// `rules/link.cf`
    static let link: [RuleCase] = [
        RuleCase("URI_NUMERIC_HOST", hit: link("http://192.0.2.7/x"), miss: link("http://ip-192-0-2-7.example.org/x")),
        RuleCase(
            "URI_USER", hit: link("http://bank.example@example.org/"), miss: link("http://example.org/@bank.example")),
        RuleCase("URI_SHORTENED", hit: link("https://bit.ly/3x"), miss: link("https://bit.ly.example.org/3x")),
        RuleCase(
            "URI_OPEN_REDIRECT", hit: link("https://www.google.com/url?q=https://x.example/"),
            miss: link("https://www.google.com/maps")),
        RuleCase(
            "URI_LEADS_ON", hit: link("https://a.example/?u=https://b.test/"),
            miss: link("https://a.example/?u=https://www.a.example/")),
        RuleCase(
            "URI_APP_HOST", hit: link("https://storage.googleapis.com/b/p.html"),
            miss: link("https://storage.example.org/b/p.html")),
        RuleCase("URI_FREE_PAGE", hit: link("http://shop.weebly.com/"), miss: link("http://weebly.example.org/")),
        RuleCase("URI_FORM_HOST", hit: link("https://forms.gle/abc"), miss: link("https://example.org/forms")),
        RuleCase("URI_CHEAP_DOMAIN", hit: link("http://example.xyz/"), miss: link("http://xyz.example.org/")),
        RuleCase("LINKS_CHEAP_DOMAIN", hit: link("http://example.click/"), miss: link("http://example.org/click")),
        RuleCase(
            "URI_MAILING_KIT", hit: link("http://a.example/4aBcDeF4606GhIj166klmno"),
            miss: link("http://a.example/articles/4606")),
        RuleCase("URI_AFFILIATE", hit: link("http://a.example/?affid=1234"), miss: link("http://a.example/?page=12")),
        RuleCase(
            "URI_REMOVE_PAGE", hit: link("http://a.example/remove.html"),
            miss: link("http://a.example/removal-guide.html")),
        RuleCase("URI_ODD_PORT", hit: link("http://a.example:27000/"), miss: link("http://a.example:8080/")),
        RuleCase("URI_ODD_HOST", hit: link("http://xn--pypal-4ve.example/"), miss: link("http://paypal.example/")),
        RuleCase(
            "URI_MAIL_TO_FREEMAIL", hit: link("mailto:x@gmail.com?subject=Yes"),
            miss: link("mailto:ann@example.org?subject=Yes")),
        RuleCase(
            "URI_MAIL_REMOVE", hit: link("mailto:x@example.org?subject=remove"),
            miss: link("mailto:x@example.org?subject=minutes")),
        RuleCase(
            "LINK_SHOWS_OTHER_HOST", hit: link("http://evil.test/", "www.bank.example"),
            miss: link("http://www.bank.example/in", "bank.example")),
        RuleCase("LINK_IS_PROGRAM", hit: link("data:text/html,hello"), miss: link("cid:part1@example.org")),
        RuleCase("LINKS_ELSEWHERE", hit: link("http://other.test/"), miss: link("http://www.example.org/")),
    ]

    /// `rules/html.cf` and `rules/attachment.cf`
    static let html: [RuleCase] = [
        RuleCase(
            "HTML_HIDDEN_TEXT",
            hit: page("<div style=\"display:none\">\(String(repeating: "padding ", count: 30))</div>"),
            miss: page("<div style=\"display:block\">\(String(repeating: "padding ", count: 30))</div>")),
        RuleCase(
            "HTML_HIDDEN_COLOR", hit: page("<font color=\"#fefefe\">hidden words here</font>"),
            miss: page("<table bgcolor=navy><tr><td><font color=\"#fefefe\">shown words here</font></table>")),
        RuleCase(
            "HTML_HIDDEN_SIZE", hit: page("<span style=\"font-size:1px\">hidden words here</span>"),
            miss: page("<span style=\"font-size:10px\">small words here</span>")),
        RuleCase(
            "HTML_MORE_HIDDEN",
            hit: page("<div style=\"display:none\">\(String(repeating: "padding ", count: 60))</div>"),
            miss: page("<div>\(String(repeating: "padding ", count: 60))</div><div hidden>preview</div>")),
        RuleCase(
            "HTML_HIDDEN_IN_WORDS", hit: page("<p>via<span style=\"display:none\">xx</span>gra</p>"),
            miss: page("<p>via <span style=\"display:none\">xx</span> Rome</p>")),
        RuleCase(
            "HTML_SPLIT_WORDS", hit: page("<p>vi<!-- a -->ag<!-- b -->ra ch<zz>eap</p>"),
            miss: page("<p>vi<b>ag</b>ra <!-- a --> cheap</p>")),
        RuleCase(
            "HTML_IMAGES_FOR_TEXT", hit: .init(text: nil, html: "<img src=\"http://www.example.org/a.png\"> see above"),
            miss: .init(text: nil, html: "<img src=\"http://www.example.org/a.png\" width=1 height=1> see above")),
        RuleCase(
            "HTML_PASSWORD_FORM", hit: page("<form action=\"/x\"><input type=password></form>"),
            miss: page("<form action=\"/x\"><input type=text></form>")),
        RuleCase(
            "HTML_FORM_ELSEWHERE", hit: page("<form action=\"http://192.0.2.1/x\"><input></form>"),
            miss: page("<form action=\"http://www.example.org/x\"><input></form>")),
        RuleCase(
            "HTML_SCRIPT_WRITES", hit: page("<script>document.write(unescape('%3C'))</script>"),
            miss: page("<script>go()</script>")),
        RuleCase(
            "ALTERNATIVE_DIFFERS",
            hit: .init(
                text: "alpha bravo charlie delta echoes foxtrot golfing hotel india juliet kilo lima",
                html: "<p>mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee</p>"),
            miss: .init(
                text: "alpha bravo charlie delta echoes foxtrot golfing hotel india juliet kilo lima",
                html: "<p>alpha bravo charlie delta echoes foxtrot <b>golfing</b> hotel india juliet kilo lima</p>")),
        RuleCase("ATTACHMENT_PROGRAM", hit: .init(attached: ["run.exe"]), miss: .init(attached: ["exe.txt"])),
        RuleCase(
            "ATTACHMENT_TWO_ENDINGS", hit: .init(attached: ["bill.pdf.scr"]), miss: .init(attached: ["bill.v2.pdf"])),
        RuleCase(
            "ATTACHMENT_DISGUISED", hit: .init(attached: ["bill.pdf          .txt"]),
            miss: .init(attached: ["my bill.pdf"])),
        RuleCase("ATTACHMENT_PAGE", hit: .init(attached: ["secure.html"]), miss: .init(attached: ["secure.txt"])),
        RuleCase(
            "MIME_DEFECT",
            hit: .init(
                whole: "From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n"),
            miss: .init(
                whole:
                    "From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b--\r\n"
            )),
    ]
}
