// SPDX-License-Identifier: Apache-2.0

extension WorstMessage {
    /// Bodies all of one kind.
    package static let texts: [WorstMessage] = [
        WorstMessage("one line", ["content_line", "554 5.6.0"]) { size in
            part("text/plain", [UInt8(ascii: "x")], size: size)
        },
        WorstMessage("lines at the limit of a line", text) { size in
            part("text/plain", Array(repeating: UInt8(ascii: "x"), count: 999_998) + [0x0D, 0x0A], size: size)
        },
        plain("all <", "<"), plain("all @", "@"), plain("all spaces", " "), plain("all dots", "."),
        plain("all hyphens", "-"), plain("all quotation marks", "\""), plain("all parentheses", "("),
        plain("all http://", "http://"), plain("all hosts", "a.b.c.d.e.f."), plain("all www.", "www.a.de "),
        plain("all addresses", "user@example.com "), plain("all one word", "viagra "),
        plain("all letters apart", "v i a g "),
        plain("all amounts", "$1,000,000.00 "), plain("all ideographs", "漢"), plain("all invisible", "\u{200B}"),
        plain("all marks above", "e\u{301}\u{302}\u{303}"), plain("all look-alikes", "раураl "),
        WorstMessage("lines of CRLF only", text) { size in part("text/plain", [0x0D, 0x0A], size: size) },
        WorstMessage("lines of one dot", text) { size in part("text/plain", Array(".\r\n".utf8), size: size) },
        WorstMessage("uuencode begun on each line", text) { size in
            part("text/plain", Array("begin 644 a.b\r\nM\r\n".utf8), size: size)
        },
        WorstMessage("octets that are no UTF-8", text) { size in
            part("text/plain; charset=utf-8", Array(repeating: 0xC3, count: 900) + [0x0D, 0x0A], size: size)
        },
        WorstMessage("a stateful character set", text) { size in
            part("text/plain; charset=iso-2022-jp", lines("\u{1B}$B!!\u{1B}(B"), size: size)
        },
        WorstMessage("quoted-printable of =", text) { size in
            part("text/plain", encoding: "quoted-printable", lines("="), size: size)
        },
        WorstMessage("quoted-printable of soft line breaks", text) { size in
            part("text/html", encoding: "quoted-printable", Array("<=\r\n".utf8), size: size)
        },
        WorstMessage("different links", text) { size in
            numbered("text/plain", size: size) { "http://h\($0).example.test/p\($0 &* 7919)?q=%4\($0 % 10)\r\n" }
        },
        WorstMessage("words in no order", text) { size in
            var random = SeededGenerator(seed: 9)
            let words = [
                "free", "money", "click", "here", "account", "verify", "http://a.test/", "bank", "$100", "now", "dear",
                "friend", "invoice", "password", "prize", "100%", "!!!", "\r\n",
            ]
            var octets = Array((fields + "\r\n").utf8)
            var column = 0
            while octets.count < size {
                let word = words[Int(random.next() % UInt64(words.count))]
                octets += word.utf8
                octets.append(0x20)
                column = word == "\r\n" ? 0 : column + word.utf8.count + 1
                if column > 900 {
                    octets += [0x0D, 0x0A]
                    column = 0
                }
            }
            return octets + [0x0D, 0x0A]
        },
    ]

    private static func plain(_ name: String, _ unit: String) -> WorstMessage {
        WorstMessage(name, text) { size in part("text/plain; charset=utf-8", lines(unit), size: size) }
    }

    static func numbered(_ type: String, size: Int, _ line: (Int) -> String) -> [UInt8] {
        var octets = Array((fields + "Content-Type: \(type)\r\n\r\n").utf8)
        octets.reserveCapacity(size + 100)
        var number = 0
        while octets.count < size {
            octets += line(number).utf8
            number += 1
        }
        return octets
    }
}
