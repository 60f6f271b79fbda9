// SPDX-License-Identifier: Apache-2.0

extension WorstMessage {
    /// MIME structures.
    package static let structures: [WorstMessage] = [
        WorstMessage("multiparts in multiparts without an end", ["nest"]) { size in nested(depth: .max, size: size) },
        WorstMessage("multiparts as deep as allowed", text + ["MaxRecursion"]) { size in nested(depth: 98, size: size)
        },
        WorstMessage("messages in messages", ["nest", "MaxRecursion"]) { size in
            Array(fields.utf8) + repeating(Array("Content-Type: message/rfc822\r\n\r\n".utf8), size: size)
        },
        mixed("a million tiny parts", ["parts"], "--b\r\n\r\nx\r\n"),
        mixed("parts without anything", ["parts"], "--b\r\n\r\n"),
        mixed("delimiters alone", ["parts"], "--b\r\n"),
        mixed(
            "parts with a page each", ["parts"], "--b\r\nContent-Type: text/html\r\n\r\n<a href=http://a.b/>c</a>\r\n"),
        mixed("parts with a name each", ["parts"], "--b\r\nContent-Type: a/b; name=\"=?utf-8?Q?=41?=\"\r\n\r\n"),
        mixed("messages as parts", ["parts"], "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n"),
        mixed(
            "multiparts as parts", ["parts"],
            "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\n--c--\r\n"),
        mixed("lines that are almost the boundary", [], "--bx\r\n--a\r\n--b -\r\n--\r\n"),
        WorstMessage("lines that are almost a long boundary", []) { size in
            let boundary = String(repeating: "b", count: 70)
            return part(
                "multipart/mixed; boundary=\(boundary)", Array("--\(boundary.dropLast())c\r\n--\(boundary)-\r\n".utf8),
                size: size)
        },
        WorstMessage("a long header section in each part", ["parts", "header sections"]) { size in
            let field = "--b\r\n" + String(repeating: "X-A: 1\r\n", count: 30_000) + "\r\nx\r\n"
            return part("multipart/mixed; boundary=b", Array(field.utf8), size: size)
        },
        WorstMessage("a header section of a part without an end", text) { size in
            Array((fields + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n").utf8)
                + repeating(Array("X-A: 1\r\n".utf8), size: size)
        },
        WorstMessage("as many parts as there may be", text) { size in
            let count = min(9_990, size / 100)
            let page = String(repeating: "<p>a</p>\r\n", count: max(1, size / count / 10 - 5))
            return part(
                "multipart/mixed; boundary=b", Array("--b\r\nContent-Type: text/html\r\n\r\n\(page)".utf8),
                size: size - size / 100)
        },
        WorstMessage("as many boundaries in force as there may be", []) { size in
            let opening = (0..<98).map {
                "Content-Type: multipart/mixed; boundary=\(boundary($0))\r\n\r\n--\(boundary($0))\r\n"
            }.joined()
            return Array((fields + opening + "\r\n").utf8) + repeating(Array("--bbbbbbb\r\n-\r\n".utf8), size: size)
        },
    ]

    private static func boundary(_ number: Int) -> String { "b\(number)" + String(repeating: "b", count: 60) }

    private static func mixed(_ name: String, _ limits: [String], _ unit: String) -> WorstMessage {
        WorstMessage(name, limits) { size in part("multipart/mixed; boundary=b", Array(unit.utf8), size: size) }
    }

    private static func nested(depth: Int, size: Int) -> [UInt8] {
        var octets = Array((fields + "Content-Type: multipart/mixed; boundary=b0\r\n\r\n").utf8)
        octets.reserveCapacity(size + 100)
        var number = 0
        while octets.count < size, number < depth {
            octets += "--b\(number)\r\nContent-Type: multipart/mixed; boundary=b\(number + 1)\r\n\r\n".utf8
            number += 1
        }
        octets += "--b\(number)\r\n\r\n".utf8
        return octets + repeating(lines("x"), size: size - octets.count)
    }
}
