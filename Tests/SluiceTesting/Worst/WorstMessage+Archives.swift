// SPDX-License-Identifier: Apache-2.0
import Foundation

extension WorstMessage {
    /// Attachments in base64 that no archive is.
    static let attachments: [WorstMessage] = [
        WorstMessage("base64 of zeros", []) { size in
            part("application/octet-stream", encoding: "base64", base64Line("A"), size: size)
        },
        WorstMessage("base64 of a page of <", text) { size in
            part("text/html", encoding: "base64", base64Line("PDw8"), size: size)
        },
        WorstMessage("base64 of nothing but padding", []) { size in
            part("text/plain", encoding: "base64", base64Line("="), size: size)
        },
        WorstMessage("base64 of nothing of its alphabet", []) { size in
            part("text/html", encoding: "base64", base64Line("!"), size: size)
        },
        attached("heads of programs", "MZ", zeros: 62), attached("heads of programs, one after the other", "MZ"),
        attached("heads of zip entries", "PK\u{3}\u{4}", zeros: 26), attached("heads of gzip", "\u{1F}\u{8}", zeros: 8),
        attached(
            "objects of a PDF",
            "%PDF-1.4\n1 0 obj\n<< /Length 9 /Filter /FlateDecode >>\nstream\nx\nendstream\nendobj\n"),
        attached("a PDF of <<", "%PDF-1.4\n1 0 obj <<"),
        attached("groups of RTF", "{\\rtf1{\\object\\objdata 0105"),
        attached("a script", "<script>eval(unescape('%41'));"),
        attached("a page for the scanner", "<html><a href=\"http://a.b/\"><b>"),
        attached("a mailbox", "From a@b.c Tue Nov 24 07:00:00 2026\nSubject: x\n\nx\n\n"),
        attached("XML", "<?xml version=\"1.0\"?><w:binData w:name=\"a\">QQ==</w:binData>"),
        attached("letters for the scanner", "vbscript function eval( "),
    ]

    /// What unpacks to more than it is.
    static let archives: [WorstMessage] = [
        archive("a zip of zeros") { size in zip(Deflate.zeros(count: size * 40), size: size * 40) },
        archive("a zip in a zip in a zip") { size in
            let count = size * 40
            let innermost = zip(Deflate.zeros(count: count), size: count)
            let middle = zip(Deflate.of(innermost), size: innermost.count)
            return zip(Deflate.of(middle), size: middle.count)
        },
        archive("many zips in a zip") { size in
            let inner = zip(Deflate.zeros(count: 2 << 20), size: 2 << 20)
            let count = max(2, min(size / inner.count, 60_000))
            return ZipArchive.of((0..<count).map { ZipArchive.Entry("\($0).zip", inner) })
        },
        archive("a zip of more files than are looked at") { size in
            ZipArchive.of((0..<max(1, size / 120)).map { ZipArchive.Entry("\($0)", [0x78]) })
        },
        archive("a zip of pages of <") { size in
            let page = Deflate.periodic(Array("<".utf8), count: 10 << 20)
            let entry = ZipArchive.Entry("a.html", page, size: 10 << 20)
            return ZipArchive.of(Array(repeating: entry, count: max(1, min(60, size / page.count))))
        },
        archive("a zip of pages of links") { size in
            let unit = Array("<html><a href=\"http://a.b/\">c</a><script>x</script>".utf8)
            let page = Deflate.periodic(unit, count: 10 << 20)
            let entry = ZipArchive.Entry("a.html", page, size: 10 << 20)
            return ZipArchive.of(Array(repeating: entry, count: max(1, min(60, size / page.count))))
        },
        archive("gzip of zeros") { size in gzip(Deflate.zeros(count: size * 40)) },
        archive("gzip in gzip in gzip") { size in
            gzip(Deflate.of(gzip(Deflate.of(gzip(Deflate.zeros(count: size * 40))))))
        },
        archive("tar of empty files", limits: []) { size in repeating(tarHead(size: 0), size: size * 3 / 4) },
        archive("gzip of a tar of empty files") { size in
            gzip(Deflate.periodic(tarHead(size: 0), count: min(size * 10, 400_000_000)))
        },
        archive("tar of tars") { size in
            (0..<200).reversed().reduce(into: [UInt8](), { inner, _ in inner = tarHead(size: inner.count) + inner })
                + repeating(tarHead(size: 0), size: size / 2)
        },
    ]

    private static func base64Line(_ unit: String) -> [UInt8] {
        Array((String(repeating: unit, count: 76 / unit.utf8.count) + "\r\n").utf8)
    }

    private static func attached(_ name: String, _ unit: String, zeros: Int = 0) -> WorstMessage {
        WorstMessage("attached: " + name, []) { size in
            attaching(
                repeating(Array(unit.utf8) + Array(repeating: 0, count: zeros), size: size * 72 / 100))
        }
    }

    private static func archive(
        _ name: String, limits: [String] = ["Limits.Exceeded", "the scan"], _ make: @escaping @Sendable (Int) -> [UInt8]
    ) -> WorstMessage {
        WorstMessage("attached: " + name, limits) { size in
            attaching(Array(make(size).prefix(size * 72 / 100)))
        }
    }

    private static func attaching(_ octets: [UInt8]) -> [UInt8] {
        let encoded = Data(octets).base64EncodedData(options: [.lineLength76Characters])
        let head =
            fields + "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
            + "Content-Disposition: attachment; filename=a.bin\r\n\r\n"
        return Array(head.utf8) + encoded + [0x0D, 0x0A]
    }

    private static func zip(_ deflated: [UInt8], size: Int) -> [UInt8] {
        ZipArchive.of([ZipArchive.Entry("a", deflated, size: size)])
    }

    /// A member of a gzip file (RFC 1952), without sum and length at its end, at which nobody looks who is in a hurry.
    private static func gzip(_ deflated: [UInt8]) -> [UInt8] {
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + deflated + Array(repeating: 0, count: 8)
    }

    /// The head of a file in a tar archive (POSIX ustar).
    private static func tarHead(size: Int) -> [UInt8] {
        func octal(_ number: Int, _ width: Int) -> [UInt8] {
            let digits = String(number, radix: 8)
            return Array((String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits).utf8) + [0]
        }
        var head = [UInt8](repeating: 0, count: 512)
        func put(_ octets: [UInt8], at place: Int) {
            head.replaceSubrange(place..<(place + octets.count), with: octets)
        }
        put(Array("a.tar".utf8), at: 0)
        put(octal(0o644, 7) + octal(0, 7) + octal(0, 7) + octal(size, 11) + octal(0, 11), at: 100)
        put(Array(repeating: 0x20, count: 8) + Array("0".utf8), at: 148)
        put(Array("ustar\u{0}00".utf8), at: 257)
        put(octal(head.reduce(0) { $0 + Int($1) }, 6) + [0x20], at: 148)
        return head
    }
}
