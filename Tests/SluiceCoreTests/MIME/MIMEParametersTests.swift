// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@Suite("Parameters of MIME fields")
struct MIMEParametersTests {
    private func read(_ text: String) -> MIMEParameters { MIMEParameters(Array(text.utf8)) }

    /// The field, its value, its parameters as `name=value`, and whether the grammar was kept.
    @Test(
        "are read as RFC 2045 writes them, and as mail does",
        arguments: [
            ("text/plain", "text/plain", [], true),
            ("TEXT/Plain; Charset=UTF-8", "text/plain", ["charset=UTF-8"], true),
            ("text/plain;charset=\"utf-8\"", "text/plain", ["charset=utf-8"], true),
            ("text/plain; charset=us-ascii (Plain text)", "text/plain", ["charset=us-ascii"], true),
            ("text / plain ; charset = x", "text/plain", ["charset=x"], true),
            ("(a (nested) \\) comment) text/html", "text/html", [], true),
            ("text/html; ; a=b;", "text/html", ["a=b"], true),
            ("a/b; n=\"x;y=z\"; m=1", "a/b", ["n=x;y=z", "m=1"], true),
            ("a/b; n=\"quo\\\"te \\\\ back\"", "a/b", ["n=quo\"te \\ back"], true),
            ("a/b; n=\"C:\\dir\\file.exe\"", "a/b", ["n=C:\\dir\\file.exe"], true),
            ("a/b; n=my file (1).pdf; m=2", "a/b", ["n=my file (1).pdf", "m=2"], false),
            ("a/b; n=x m=2", "a/b", ["n=x", "m=2"], false),
            ("a/b n=x", "a/b", ["n=x"], false),
            ("a/b; n=\"open", "a/b", ["n=open"], false),
            ("a/b; n", "a/b", [], false),
            ("a/b; =x; m=2", "a/b", ["m=2"], false),
            ("a/b; n=", "a/b", ["n="], true),
            ("a/b; n=; m=2", "a/b", ["n=", "m=2"], true),
            ("\"text/html\"; n=x", "text/html", ["n=x"], false),
            ("a/b; n=1; n=2", "a/b", ["n=1"], false),
            ("a/b; n=1; m=2; k=3", "a/b", ["n=1", "m=2", "k=3"], true),
            ("a/b; n=1; m=2; N=3", "a/b", ["n=1", "m=2"], false),
            ("a/b (open", "a/b", [], false),
            ("", "", [], true), (";;;", "", [], true),
        ] as [(String, String, [String], Bool)])
    func table(field: String, value: String, parameters: [String], isClean: Bool) {
        let read = read(field)
        #expect(read.value == value)
        #expect(read.parameters.map { "\($0.name)=\(String(latin1OrUTF8: $0.octets))" } == parameters)
        #expect(read.isFaulty == !isClean)
    }

    @Test(
        "may be continued and extended (RFC 2231)",
        arguments: [
            ("x; n*=utf-8''a%20b", "a b", "utf-8", true),
            ("x; n*=utf-8'en'%e2%82%ac", "€", "utf-8", true),
            ("x; n*0=one; n*1=two", "onetwo", nil, true),
            ("x; n*1=two; n*0=one", "onetwo", nil, true),
            ("x; n*0*=us-ascii''a%3D; n*1=%41; n*2*=%42", "a=%41B", "us-ascii", true),
            ("x; n*0=one; n*2=three", "one", nil, false),
            ("x; n=plain; n*=utf-8''extended", "extended", "utf-8", true),
            ("x; n*=no-quotes", "no-quotes", "", false),
            ("x; n*=utf-8''%zz%4", "%zz%4", "utf-8", false),
            ("x; n*=utf-8''", "", "utf-8", true),
        ] as [(String, String, String?, Bool)])
    func extended(field: String, value: String, charset: String?, isClean: Bool) {
        let read = read(field)
        #expect(read.first("n").map { String(latin1OrUTF8: $0.octets) } == value)
        #expect(read.first("n")?.charset == charset)
        #expect(read.isFaulty == !isClean)
    }

    @Test("a continuation without its beginning, or with a bad number, is left out")
    func orphans() {
        for field in ["x; n*1=two", "x; n*x=two", "x; n*0*0=a", "x; n*99999=a"] {
            #expect(read(field).parameters.isEmpty, "\(field)")
            #expect(read(field).isFaulty)
        }
    }

    @Test("more than a hundred are not read")
    func limit() {
        let many = read("x" + (0..<150).map { "; p\($0)=1" }.joined())
        #expect(many.parameters.count == 100)
        #expect(many.isFaulty)
        #expect(!read("x" + (0..<99).map { "; p\($0)=1" }.joined()).isFaulty)
    }

    @Test(
        "a file name comes from Content-Disposition, then from Content-Type",
        arguments: [
            ("Content-Disposition: attachment; filename=a.txt", "a.txt"),
            ("Content-Type: a/b; name=b.txt\nContent-Disposition: attachment; filename=a.txt", "a.txt"),
            ("Content-Type: a/b; name=b.txt\nContent-Disposition: attachment", "b.txt"),
            ("Content-Type: a/b; name=\"=?utf-8?B?w6Q=?=.txt\"", "ä.txt"),
            ("Content-Disposition: attachment;\n filename*0*=utf-8''%C3%A4;\n filename*1=.txt", "ä.txt"),
            ("Content-Disposition: attachment; filename=\"\u{E4}.txt\"", "ä.txt"),
            ("Content-Disposition: attachment", nil),
        ] as [(String, String?)])
    func fileName(header: String, expected: String?) throws {
        let part = try structure(header + "\n\nx\n").root
        #expect(part.fileName == expected)
        #expect(part.isAttachment == (header.contains("attachment") || expected != nil))
    }

    @Test("a file name in an unknown character set is a defect and shown octet by octet")
    func unknownCharset() throws {
        let read = try structure("Content-Disposition: inline; filename*=X-None''%e4\n\nx\n")
        #expect(read.root.fileName == "ä")
        #expect(read.kinds == [.unknownCharset("x-none")])
        #expect(read.root.disposition == "inline")
        #expect(!read.root.isAttachment)
    }
}
