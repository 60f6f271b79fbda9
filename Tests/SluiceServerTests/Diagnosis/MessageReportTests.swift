// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceServer
import Testing

@Suite("The report of a message")
struct MessageReportTests {
    private let mail = """
        Subject: =?koi8-r?Q?=C1?=
         folded
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain; charset=koi8-r
        Content-Transfer-Encoding: quoted-printable

        =C1\u{1B}[31m
        --b
        Content-Type: application/x-test; name="a.bin"
        Content-Transfer-Encoding: BASE64
        Content-Disposition: attachment

        YWJj
        --b--

        """

    private func report(_ text: String, includesText: Bool = false) throws -> MessageReport {
        try MessageReport(MemoryContent(text), includesText: includesText)
    }

    @Test("as JSON has the keys that scripts rely on, null where there is nothing")
    func json() throws {
        let text = try report(mail).json.written
        #expect(
            text == """
                {"headers": [{"name": "Subject", "value": "=?koi8-r?Q?=C1?= folded"}, \
                {"name": "Content-Type", "value": "multipart/mixed; boundary=b"}], "parts": [\
                {"path": "TEXT", "type": "multipart/mixed", "charset": null, "encoding": "7bit", "disposition": null, \
                "filename": null, "size": 228, "sha256": "\(try report(mail).parts[0].digest)", "children": 2}, \
                {"path": "1", "type": "text/plain", "charset": "koi8-r", "encoding": "quoted-printable", \
                "disposition": null, "filename": null, "size": 6, \
                "sha256": "\(try report(mail).parts[1].digest)", "children": 0}, \
                {"path": "2", "type": "application/x-test", "charset": null, "encoding": "base64", \
                "disposition": "attachment", "filename": "a.bin", "size": 3, \
                "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "children": 0}\
                ], "defects": []}
                """)
    }

    @Test("the text of text parts is there where it was asked for, and only of these")
    func text() throws {
        let report = try report(mail, includesText: true)
        #expect(report.parts.map(\.text) == [nil, "а\u{1B}[31m", nil])
        #expect(report.json["parts"]?.arrayValue?[1]["text"]?.stringValue == "а\u{1B}[31m")
        #expect(try self.report(mail).json["parts"]?.arrayValue?[1]["text"] == nil)
    }

    @Test("defects of the structure and of the encodings are told with their part")
    func defects() throws {
        let report = try report(
            "Content-Type: text/plain; charset=x-none\nContent-Transfer-Encoding: base64\n\nYWJ", includesText: true)
        #expect(
            report.defects.map(\.description) == [
                "part 1: base64 ends in the middle of a group", "part 1: unknown character set x-none",
            ])
        #expect(report.parts.map(\.size) == [2])
    }

    @Test("a limit is a defect, and what was read is shown")
    func limit() throws {
        let report = try MessageReport(
            MemoryContent("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n"), limits: .init(nesting: 1))
        #expect(report.parts.map(\.path) == ["TEXT"])
        #expect(report.defects.map(\.kind) == [.nestingLimit(1)])
    }

    @Test("for people is a tree with decoded fields, and steers no terminal")
    func lines() throws {
        let lines = try report(mail, includesText: true).lines
        #expect(lines[0] == "Subject: а folded")
        #expect(lines[3].hasPrefix("TEXT  multipart/mixed  7bit  228 octets  2 parts"))
        #expect(lines[4].hasPrefix("  1  text/plain  koi8-r  quoted-printable  6 octets"))
        #expect(lines[5] == "    | а\u{FFFD}[31m")
        #expect(lines[6].hasPrefix("  2  application/x-test  base64  attachment  “a.bin”  3 octets"))
        #expect(lines.count == 7)
        #expect(try report("Content-Transfer-Encoding: base64\n\nY").lines.suffix(2).first == "1 defect:")
    }
}
