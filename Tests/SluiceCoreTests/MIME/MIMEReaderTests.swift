// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

/// Reads a message written with bare line feeds, as CRLF.
func structure(
    _ text: String, limits: MIMEReader.Limits = .init()
) throws -> MIMEStructure {
    let octets = Array(text.utf8).split(separator: 0x0A, omittingEmptySubsequences: false).joined(separator: [13, 10])
    return try MIMEReader(limits: limits).read(Message(MemoryContent(ByteBuffer(bytes: octets))))
}

extension MIMEStructure {
    /// `path type size` of each part.
    var outline: [String] { parts.map { "\($0.path) \($0.mediaType) \($0.body.length)" } }
    var kinds: [MIMEDefect.Kind] { defects.map(\.kind) }
}

@Suite("The MIME reader")
struct MIMEReaderTests {
    @Test("a message without MIME fields is one part of plain text")
    func plain() throws {
        let read = try structure("Subject: x\n\nHello\n")
        #expect(read.outline == ["1 text/plain 7"])
        #expect(read.defects.isEmpty)
        #expect(read.isComplete)
        #expect(read.root.charset == nil)
        #expect(try read.root.decodedText(limit: 100).text == "Hello\r\n")
    }

    @Test("parts are numbered as IMAP numbers them (RFC 3501 §6.4.5)")
    func numbering() throws {
        let read = try structure(
            """
            Content-Type: multipart/mixed; boundary=outer

            preamble
            --outer
            Content-Type: multipart/alternative; boundary="inner"

            --inner

            plain
            --inner
            Content-Type: text/html; charset=utf-8

            <p>html
            --inner--
            --outer
            Content-Type: message/rfc822

            Subject: embedded
            Content-Type: multipart/mixed; boundary=third

            --third
            Content-Type: image/png

            x
            --third
            Content-Type: message/rfc822

            Subject: deeper

            text
            --third--
            --outer--
            epilogue

            """)
        #expect(
            read.parts.map { "\($0.path) \($0.mediaType) \($0.children.count)" } == [
                "TEXT multipart/mixed 2", "1 multipart/alternative 2", "1.1 text/plain 0", "1.2 text/html 0",
                "2 message/rfc822 1", "2.TEXT multipart/mixed 2", "2.1 image/png 0", "2.2 message/rfc822 1",
                "2.2.1 text/plain 0",
            ])
        #expect(read.defects.isEmpty)
        #expect(read.parts[3].charset == "utf-8")
        #expect(try String(buffer: read.parts[3].body.readAll()) == "<p>html")
        #expect(try String(buffer: read.parts[8].body.readAll()) == "text")
        #expect(read.parts[5].header.first("Subject")?.value == "embedded")
    }

    @Test("the line end before a delimiter line is not the part's")
    func lineEndOfDelimiter() throws {
        let read = try structure(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nlast\n\n--b\n\n--b\n\nx\n--b-- \t\n")
        #expect(read.root.children.map(\.body.length) == [6, 0, 1])
        #expect(read.defects.isEmpty)
    }
}
