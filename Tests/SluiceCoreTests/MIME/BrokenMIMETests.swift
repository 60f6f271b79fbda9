// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@Suite("Broken MIME is read as far as it goes")
struct BrokenMIMETests {
    @Test("a multipart without a closing delimiter keeps its parts, and that is a defect")
    func noClose() throws {
        let read = try structure("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n")
        #expect(read.outline == ["TEXT multipart/mixed 24", "1 text/plain 3", "2 text/plain 5"])
        #expect(read.defects == [MIMEDefect(.noClosingBoundary, path: "TEXT")])
    }

    @Test("an inner multipart that the outer delimiter cuts off has a defect, the outer one none")
    func innerCutOff() throws {
        let read = try structure(
            """
            Content-Type: multipart/mixed; boundary=o

            --o
            Content-Type: multipart/mixed; boundary=i

            --i

            x
            --o

            y
            --o--
            """)
        #expect(read.parts.map(\.path) == ["TEXT", "1", "1.1", "2"])
        #expect(read.defects == [MIMEDefect(.noClosingBoundary, path: "1")])
    }

    @Test("a multipart without a boundary parameter is one piece")
    func missingBoundary() throws {
        for type in ["multipart/mixed", "multipart/mixed; boundary=\"\"", "multipart/mixed; boundary=\" \""] {
            let read = try structure("Content-Type: \(type)\n\n--b\n\nx\n--b--\n")
            #expect(read.root.children.isEmpty)
            #expect(read.kinds == [.missingBoundary], "\(type)")
        }
    }

    @Test("a multipart whose boundary never comes has no parts")
    func noParts() throws {
        let read = try structure("Content-Type: multipart/mixed; boundary=b\n\nHello\n--c\n")
        #expect(read.outline == ["TEXT multipart/mixed 12"])
        #expect(read.kinds == [.noParts])
    }

    @Test("what follows the closing delimiter is epilogue, even if it looks like a part")
    func epilogue() throws {
        let read = try structure(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n--b\nContent-Type: text/html\n\ny\n")
        #expect(read.parts.map(\.mediaType) == ["multipart/mixed", "text/plain"])
    }

    @Test("a line that only begins or ends like a delimiter is text")
    func nearDelimiters() throws {
        for line in ["--bb", "-b", "--b-", "--b---", " --b", "--b x", "b", "---b"] {
            let read = try structure("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\(line)\n--b--\n")
            #expect(read.parts.map(\.path) == ["TEXT", "1"], "\(line)")
            #expect(try String(buffer: read.parts[1].body.readAll()) == line)
        }
    }

    @Test("a boundary that ends in two hyphens is told from a close")
    func boundaryWithHyphens() throws {
        let read = try structure("Content-Type: multipart/mixed; boundary=\"b--\"\n\n--b--\n\nx\n--b----\n")
        #expect(read.outline == ["TEXT multipart/mixed 21", "1 text/plain 1"])
        #expect(read.defects.isEmpty)
    }

    @Test("an inner multipart with the outer one's boundary is closed first")
    func sameBoundary() throws {
        let read = try structure(
            """
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: multipart/alternative; boundary=b

            --b

            x
            --b--
            --b

            y
            --b--
            """)
        #expect(read.parts.map(\.path) == ["TEXT", "1", "1.1", "2"])
        #expect(read.defects.isEmpty)
    }

    @Test("a part without an empty line after its header section is read")
    func partWithoutEmptyLine() throws {
        let read = try structure(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n<p>x\n--b\nSubject: y\n--b--\n")
        #expect(read.parts.map(\.mediaType) == ["multipart/mixed", "text/html", "text/plain"])
        #expect(try String(buffer: read.parts[1].body.readAll()) == "<p>x")
        #expect(read.parts[2].body.length == 0)
        #expect(read.parts[2].header.first("Subject")?.value == "y")
        #expect(read.kinds == [.header(.notAField(line: 2)), .header(.noBody)])
    }

    @Test("the delimiter of a multipart may follow its header section at once")
    func delimiterInsteadOfEmptyLine() throws {
        let read = try structure(
            """
            Content-Type: multipart/mixed; boundary=o

            --o
            Content-Type: multipart/mixed; boundary=i
            --i

            x
            --i--
            --o--
            """)
        #expect(read.parts.map(\.path) == ["TEXT", "1", "1.1"])
    }

    @Test("bare line feeds and CRLF may be mixed")
    func lineEnds() throws {
        let text = "Content-Type: multipart/mixed; boundary=b\n\n--b\r\n\nx\r\n--b\n\r\ny\n--b--"
        let read = try MIMEReader().read(Message(MemoryContent(text)))
        #expect(try read.root.children.map { try String(buffer: $0.body.readAll()) } == ["x", "y"])
        #expect(read.defects.isEmpty)
    }

    @Test("a media type that is none is text/plain, and that is a defect (RFC 2045 §5.2)")
    func badType() throws {
        for type in ["text", "/", "text/", "/html", "te xt/html", "text/ht@ml", "\u{FC}/x"] {
            let read = try structure("Content-Type: \(type)\n\nx\n")
            #expect(read.root.mediaType == "text/plain", "\(type)")
            #expect(read.kinds == [.badContentType], "\(type)")
        }
    }

    @Test("the first of two Content-Type fields counts")
    func repeated() throws {
        let read = try structure("Content-Type: text/html\nContent-Type: text/plain\nContent-type: a/b\n\nx\n")
        #expect(read.root.mediaType == "text/html")
        #expect(read.kinds == [.repeatedField("Content-Type")])
    }

    @Test("an encoded multipart is not entered (RFC 2045 §6.4)")
    func encodedMultipart() throws {
        let read = try structure(
            "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\nx\n--b--\n")
        #expect(read.root.children.isEmpty)
        #expect(read.kinds == [.encodedComposite("base64")])
    }

    @Test("an unknown transfer encoding leaves the octets as they are")
    func unknownEncoding() throws {
        let read = try structure("Content-Transfer-Encoding: X-Own (comment)\n\nx=41\n")
        #expect(read.root.transferEncoding == .unknown("x-own"))
        #expect(read.kinds == [.unknownTransferEncoding("x-own")])
        #expect(try String(buffer: read.root.decodedBody(limit: 100).octets) == "x=41\r\n")
    }

    @Test("the parts of a digest are messages by default (RFC 2046 §5.1.5)")
    func digest() throws {
        let read = try structure(
            "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\nx\n--b\nContent-Type: text/html\n\ny\n--b--\n"
        )
        #expect(
            read.outline == ["TEXT multipart/digest 67", "1 message/rfc822 16", "1.1 text/plain 1", "2 text/html 1"])
        #expect(read.parts[2].header.first("Subject")?.value == "in")
    }

    @Test("an embedded message that the end of the content cuts off in its header is shown")
    func cutOffInHeader() throws {
        let read = try structure("Content-Type: message/rfc822\n\nSubject: x\nFrom: y")
        #expect(read.parts.map(\.path) == ["1", "1.1"])
        #expect(read.parts[1].header.fields.map(\.name) == ["Subject", "From"])
        #expect(read.kinds == [.header(.noBody)])
    }

    @Test("defects are told in words, with the part")
    func words() throws {
        let read = try structure("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n")
        #expect(read.defects.map(\.description) == ["part TEXT: the closing delimiter line is missing"])
    }
}
