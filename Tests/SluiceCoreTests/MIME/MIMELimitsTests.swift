// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@Suite("The limits of the MIME reader")
struct MIMELimitsTests {
    /// A message that nests so many multiparts, each in the one before.
    private func nested(_ depth: Int) -> String {
        var text = ""
        for level in 0..<depth { text += "Content-Type: multipart/mixed; boundary=b\(level)\n\n--b\(level)\n" }
        return text + "\nbottom\n"
    }

    @Test("parts nest up to the limit, and the reader stops behind it", arguments: [1, 2, 3, 10, 100])
    func nesting(limit: Int) throws {
        // The text at the bottom stands at depth n + 1.
        for (depth, isComplete) in [(limit - 2, true), (limit - 1, true), (limit, false), (limit + 1, false)]
        where depth >= 0 {
            let read = try structure(nested(depth), limits: .init(nesting: limit))
            #expect(read.isComplete == isComplete, "limit \(limit), depth \(depth)")
            #expect(read.parts.count == min(depth + 1, limit))
            #expect(read.kinds.contains(.nestingLimit(limit)) == !isComplete)
        }
    }

    @Test("embedded messages nest up to the same limit")
    func nestedMessages() throws {
        for (depth, isComplete) in [(98, true), (99, true), (100, false), (1000, false)] {
            let text = String(repeating: "Content-Type: message/rfc822\n\n", count: depth) + "Subject: bottom\n\nx\n"
            let read = try structure(text)
            #expect(read.isComplete == isComplete, "\(depth)")
            #expect(read.parts.count == min(depth + 1, 100))
            #expect(read.parts.last?.path == Array(repeating: "1", count: min(depth + 1, 100)).joined(separator: "."))
        }
    }

    @Test("what was read before the nesting limit is there")
    func partsBeforeLimit() throws {
        let read = try structure(
            "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nfirst\n--a\n"
                + nested(3) + "--a\n\nlast\n--a--\n", limits: .init(nesting: 3))
        #expect(!read.isComplete)
        #expect(read.parts.map(\.path) == ["TEXT", "1", "2", "2.1"])
        #expect(try String(buffer: read.parts[1].body.readAll()) == "first")
        #expect(read.defects == [MIMEDefect(.nestingLimit(3), path: "2.1")])
    }

    @Test("there are parts up to the limit", arguments: [(8, true), (9, true), (10, false), (11, false)])
    func parts(count: Int, isComplete: Bool) throws {
        let text =
            "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\nx\n", count: count) + "--b--\n"
        let read = try structure(text, limits: .init(parts: 10))
        #expect(read.isComplete == isComplete)
        #expect(read.parts.count == min(count + 1, 10))
        #expect(read.kinds == (isComplete ? [] : [.partsLimit(10)]))
    }

    @Test("a header section of a part is cut at the limit, and the rest is body")
    func headerLimit() throws {
        let part = "Content-Type: text/html\nX: 0123456789\nY: 1\n\nbody\n"
        let read = try structure(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\(part)--b--\n", limits: .init(headerOctets: 40))
        #expect(read.parts[1].mediaType == "text/html")
        #expect(read.parts[1].header.fields.map(\.name) == ["Content-Type", "X"])
        #expect(try String(buffer: read.parts[1].body.readAll()) == "Y: 1\r\n\r\nbody")
        #expect(read.kinds == [.headerLimit(40)])
        #expect(read.isComplete)
    }

    @Test("all header sections together have a limit too")
    func allHeaders() throws {
        let text =
            "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\nX: 12345\n\nx\n", count: 10)
        let read = try structure(text, limits: .init(allHeaderOctets: 50))
        #expect(!read.isComplete)
        #expect(read.parts.count == 6)
        #expect(read.kinds == [.headersLimit(50)])
    }

    /// How long reading takes, at a tenth of the size that has to end in seconds in release mode.
    private func duration(_ message: [UInt8]) throws -> Duration {
        let content = MemoryContent(ByteBuffer(bytes: message))
        return try ContinuousClock().measure {
            let read = try MIMEReader().read(Message(content))
            for part in read.parts where part.children.isEmpty { try part.forEachDecodedChunk { _ in } }
        }
    }

    @Test(
        "the time grows with the size and not faster",
        arguments: [
            "\n", "--\n", "--b\n", "--b", "--b\n\n", "x", "--b\nContent-Type: message/rfc822\n\n", "X:\n", " ",
            "--b\nContent-Type: multipart/mixed; boundary=b\n\n", "=?", "--bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb--\n",
        ])
    func linear(unit: String) throws {
        let start = Array("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n".utf8)
        func message(_ octets: Int) -> [UInt8] {
            start + Array(String(repeating: unit, count: octets / unit.utf8.count).utf8)
        }
        let small = try duration(message(50_000))
        let large = try duration(message(400_000))
        // Eight times the size; what is quadratic takes 64 times as long.
        #expect(large < max(small * 30, .milliseconds(200)), "\(small) for an eighth, \(large) for all")
    }

    @Test("hostile parameters and encoded words take time by their length")
    func linearFields() {
        for unit in ["(", "\\", "\"", "x*0=", ";a=b", "=?a?q?", "=?a?b?=?=", "a=\"\\", "%", "?=", "=?"] {
            func time(_ count: Int) -> Duration {
                let octets = Array(String(repeating: unit, count: count / unit.utf8.count).utf8)
                return ContinuousClock().measure {
                    _ = EncodedWord.decode(octets)
                    _ = MIMEParameters(Array("text/plain; ".utf8) + octets)
                }
            }
            let small = time(8_000)
            let large = time(64_000)
            #expect(large < max(small * 30, .milliseconds(100)), "\(unit): \(small) for an eighth, \(large) for all")
        }
    }
}
