// SPDX-License-Identifier: Apache-2.0

extension WorstMessage {
    /// Header sections, at their limit where not said otherwise, before a body of text.
    static let sections: [WorstMessage] = [
        WorstMessage("a million fields", ["552 5.3.4"]) { size in
            Array(fields.utf8) + repeating(Array("X-Field: of a header section without an end 1\r\n".utf8), size: size)
                + Array("\r\nx\r\n".utf8)
        },
        section("the shortest fields", "A:\r\n"),
        section("different fields") { "X-\($0): 1\r\n" },
        section("fields that all have to go", "X-Spam-A: 1\r\nAuthentication-Results: mx.example.org; spf=pass\r\n"),
        section("one From after the other", "From: <a@b.test>, \"c\" <d@e.test>\r\n"),
        section("Received of other hosts") { "Received: from a\($0).test ([192.0.2.\($0 % 256)]) by b.test; Tue\r\n" },
        section("signatures without a key") { signature(domain: "d\($0).test", selector: "s") },
        section("signatures with a key") { signature(domain: "client.test", selector: "s\($0 % 30)") },
        section("seals") {
            "ARC-Seal: i=\($0 % 60 + 1); a=rsa-sha256; cv=none; d=client.test; s=s; b=AAAA\r\nARC-Message-Signature: i=\($0 % 60 + 1)\r\n"
        },
        folded("encoded words", "Subject", " =?utf-8?Q?=41=42?="),
        folded("encoded words begun, none ended", "Subject", " =?utf-8?Q?"),
        folded(
            "encoded words of many character sets", "Subject",
            " =?iso-2022-jp?B?GyRC?= =?utf-7?Q?+AGE?= =?gb18030?B?gTCB?="),
        folded("quoted strings", "To", " \"\\\"\\\"\\\"\\\"\""),
        folded("a quoted string without an end", "From", " \"a\\\\"),
        folded("comments in comments", "From", " (((((((((("),
        folded("comments that end", "From", " ((a)(b)(c))"),
        folded("addresses", "To", " <a@b.c>,"),
        folded("addresses of nothing but @", "From", " @@@@@@@@,,,,"),
        folded("groups", "To", " a:b@c.d,;"),
        folded("parameters", "Content-Type", " a*0*=%41; b*1=\"c\";"),
        folded("parameters of a file's name", "Content-Disposition", " filename*0=a; filename*1*=utf-8''%41;"),
        folded("references", "References", " <a@b.c>"),
    ]

    /// Just under the 256 KiB that a header section may have.
    private static let sectionSize = 255 << 10
    /// What the header section leaves of the message.
    private static func body(size: Int) -> [UInt8] {
        Array("\r\n".utf8) + repeating(lines("A line of text. "), size: size - sectionSize)
    }

    private static func section(_ name: String, _ field: String) -> WorstMessage { section(name) { _ in field } }

    private static func section(_ name: String, _ field: @escaping @Sendable (Int) -> String) -> WorstMessage {
        WorstMessage("header section: " + name, text + ["5.4.6"]) { size in
            var octets = Array(fields.utf8)
            var number = 0
            while octets.count < sectionSize {
                octets += field(number).utf8
                number += 1
            }
            return octets + body(size: size)
        }
    }

    /// One field of folded lines.
    private static func folded(_ name: String, _ field: String, _ unit: String) -> WorstMessage {
        WorstMessage("header section: " + name, text) { size in
            Array((field + ":").utf8) + repeating(lines(unit), size: sectionSize - 2000) + Array(fields.utf8)
                + body(size: size)
        }
    }

    private static func signature(domain: String, selector: String) -> String {
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=\(domain); s=\(selector);\r\n h=from:to:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n b=\(String(repeating: "Ab", count: 86))\r\n"
    }
}
