// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceTesting
import Testing

@testable import SluiceSMTP

@Suite("Content (RFC 5321 §4.1.1.4, 4.5.2)")
struct ContentDecoderTests {
    struct Outcome: Equatable {
        var content: [UInt8] = []
        var defect: ContentDefect?
        var hasEnded = false
        /// What is left for commands.
        var rest: [UInt8] = []
    }

    private func decode(_ pieces: [[UInt8]], limits: SMTPServerLimits = SMTPServerLimits()) -> Outcome {
        var decoder = ContentDecoder(limits: limits)
        var buffer = ByteBuffer()
        var outcome = Outcome()
        for piece in pieces {
            buffer.writeBytes(piece)
            reading: while !outcome.hasEnded, let item = decoder.next(from: &buffer) {
                switch item {
                case .chunk(let chunk):
                    #expect(chunk.readableBytes > 0)
                    outcome.content += Array(chunk.readableBytesView)
                case .end(let defect):
                    outcome.hasEnded = true
                    outcome.defect = defect
                    break reading
                }
            }
        }
        outcome.rest = Array(buffer.readableBytesView)
        // What was handed over before a defect was seen depends on the reads; it is refused anyway.
        if outcome.defect != nil { outcome.content = [] }
        return outcome
    }

    private func decode(_ text: String, limits: SMTPServerLimits = SMTPServerLimits()) -> Outcome {
        decode([Array(text.utf8)], limits: limits)
    }

    @Test(
        "the dot ends the content and stuffed dots are removed",
        arguments: [
            (".\r\n", ""), ("a\r\n.\r\n", "a\r\n"), ("\r\n.\r\n", "\r\n"), ("..\r\n.\r\n", ".\r\n"),
            ("a\r\n..b\r\n.\r\n", "a\r\n.b\r\n"), (".b\r\n.\r\n", "b\r\n"), ("...\r\n.\r\n", "..\r\n"),
            ("a.\r\n.\r\n", "a.\r\n"), ("a: b\r\n\r\n..\r\n..\r\n..c\r\n.\r\n", "a: b\r\n\r\n.\r\n.\r\n.c\r\n"),
        ])
    func ends(sent: String, content: String) {
        let outcome = decode(sent + "QUIT\r\n")
        #expect(outcome == Outcome(content: Array(content.utf8), hasEnded: true, rest: Array("QUIT\r\n".utf8)))
    }

    /// What may stand before and behind a dot.
    private static let separators: [(name: String, octets: [UInt8])] = [
        ("CR", [0x0D]), ("LF", [0x0A]), ("CRLF", [0x0D, 0x0A]), ("CRCRLF", [0x0D, 0x0D, 0x0A]), ("NUL", [0]),
    ]

    @Test(
        "smuggling: only CRLF . CRLF ends the content, and nothing but whole lines is accepted",
        arguments: 0..<separators.count, 0..<separators.count)
    func smuggling(before: Int, behind: Int) {
        let (first, second) = (Self.separators[before], Self.separators[behind])
        let smuggled = Array("MAIL FROM:<x@y.test>\r\n".utf8)
        let end = Array("\r\n.\r\n".utf8)
        let octets = Array("Subject: a\r\n\r\nbody".utf8) + first.octets + [0x2E] + second.octets + smuggled + end
        let endsAtDot = ["CRLF", "CRCRLF"].contains(first.name) && second.name == "CRLF"
        let isClean = first.name == "CRLF" && second.name == "CRLF"
        let whole = decode([octets])
        #expect(whole.hasEnded)
        #expect((whole.defect == nil) == isClean)
        // Behind CR CRLF it is, but for a host that meant text what follows is a part of it.
        #expect((whole.defect == .doubtfulEnd) == (endsAtDot && !isClean))
        #expect(whole.rest == (endsAtDot ? smuggled + end : []))
        if isClean { #expect(whole.content == Array("Subject: a\r\n\r\nbody\r\n".utf8)) }
        for split in 1..<octets.count {
            #expect(decode([Array(octets[..<split]), Array(octets[split...])]) == whole, "split at \(split)")
        }
        #expect(decode(octets.map { [$0] }) == whole)
    }

    /// The same by other means: looks for the end in the whole, then for what is wrong, then unstuffs line by line.
    private func reference(_ octets: [UInt8]) -> Outcome {
        let framed = [0x0D, 0x0A] + octets
        let end: [UInt8] = [0x0D, 0x0A, 0x2E, 0x0D, 0x0A]
        guard let start = framed.indices.first(where: { framed[$0...].starts(with: end) }) else {
            return Outcome(content: [], hasEnded: false)
        }
        let raw = Array(framed[2..<max(2, start + 2)])
        var outcome = Outcome(hasEnded: true, rest: Array(framed[(start + 5)...]))
        var lines: [[UInt8]] = [[]]
        var index = 0
        while index < raw.count {
            if raw[index] == 0x0D, index + 1 < raw.count, raw[index + 1] == 0x0A {
                lines.append([])
                index += 2
            } else {
                lines[lines.count - 1].append(raw[index])
                index += 1
            }
        }
        if lines.contains(where: { $0.contains(0) }) { outcome.defect = .nul }
        if lines.contains(where: { $0.contains(0x0D) || $0.contains(0x0A) }) { outcome.defect = .lineEnd }
        if raw.suffix(3) == [0x0D, 0x0D, 0x0A] { outcome.defect = .doubtfulEnd }
        if outcome.defect == nil {
            for line in lines.dropLast() {
                outcome.content += (line.first == 0x2E ? Array(line.dropFirst()) : line) + [0x0D, 0x0A]
            }
        }
        return outcome
    }

    @Test("random octets give what a plain second implementation gives, however they are split")
    func reference() {
        var generator = SeededGenerator(seed: 2)
        let tokens: [[UInt8]] = [
            [0x0D, 0x0A], [0x0D, 0x0A], [0x0D, 0x0A], [0x2E], [0x2E], [0x61], [0x61, 0x62], [0x0D], [0x0A], [0],
        ]
        for round in 0..<4000 {
            // Every other round has no bare line ends, so that clean content is met often.
            let choice = round % 2 == 0 ? tokens : Array(tokens.prefix(7))
            var octets = (0..<Int.random(in: 0...14, using: &generator)).flatMap { _ in
                choice.randomElement(using: &generator) ?? []
            }
            octets += Array("\r\n.\r\nQUIT\r\n".utf8)
            let expected = reference(octets)
            #expect(decode([octets]) == expected)
            #expect(decode(octets.map { [$0] }) == expected)
            #expect(decode(octets.randomPieces(using: &generator)) == expected)
        }
    }

    @Test("the size is counted without stuffed dots and the end (RFC 1870 §3)", arguments: [99, 100, 101])
    func sizeLimit(size: Int) {
        let limits = SMTPServerLimits(messageSize: 100)
        let body = String(repeating: "x", count: size - 8)
        // 3 octets "." CRLF (after unstuffing), then "a" CRLF, then the body and its CRLF.
        let outcome = decode("..\r\na\r\n\(body)\r\n.\r\nNOOP\r\n", limits: limits)
        #expect(outcome.hasEnded)
        #expect(outcome.defect == (size > 100 ? .tooLarge : nil))
        #expect(outcome.content.count == (size > 100 ? 0 : size))
        #expect(outcome.rest == Array("NOOP\r\n".utf8))
    }

    @Test("nothing beyond the size limit is handed over")
    func sizeIsBounded() {
        var decoder = ContentDecoder(limits: SMTPServerLimits(messageSize: 1000))
        var total = 0
        for _ in 0..<1000 {
            var buffer = ByteBuffer(repeating: UInt8(ascii: "x"), count: 300)
            while case .chunk(let chunk)? = decoder.next(from: &buffer) { total += chunk.readableBytes }
            #expect(buffer.readableBytes == 0)
        }
        #expect(total <= 1000)
    }

    @Test("a line of content may have the limit's octets with its CRLF", arguments: [49, 50, 51])
    func lineLimit(length: Int) {
        let outcome = decode(
            "\r\n" + String(repeating: "x", count: length - 2) + "\r\n.\r\n", limits: SMTPServerLimits(contentLine: 50))
        #expect(outcome.defect == (length > 50 ? .lineTooLong : nil))
    }

    @Test("a line longer than the limit is a defect before it ends")
    func endlessLine() {
        let pieces = Array(repeating: [UInt8](repeating: 0x78, count: 1000), count: 100)
        let outcome = decode(pieces + [Array("\r\n.\r\n".utf8)], limits: SMTPServerLimits(contentLine: 5000))
        #expect(outcome == Outcome(defect: .lineTooLong, hasEnded: true))
    }

    @Test("the header section may have the limit's octets, the empty line not counted", arguments: [99, 100, 101])
    func headerLimit(size: Int) {
        let header = "Subject: a\r\nX: " + String(repeating: "x", count: size - 17) + "\r\n"
        let limits = SMTPServerLimits(header: 100)
        let body = String(repeating: "body\r\n", count: 100)
        #expect(decode(header + "\r\n" + body + ".\r\n", limits: limits).defect == (size > 100 ? .headerTooLarge : nil))
        // Without an empty line the header section is over where a line is no field.
        #expect(decode(header + body + ".\r\n", limits: limits).defect == (size > 100 ? .headerTooLarge : nil))
    }

    @Test("more Received fields than hops allowed are a loop (RFC 5321 §6.3)", arguments: [9, 10, 11])
    func hops(count: Int) {
        let header = (0..<count).map { "\($0 % 2 == 0 ? "Received" : "rEcEiVeD"): from a\r\n\tby b; date\r\n" }.joined()
        let others = "X-Received: a\r\nReceived-SPF: pass\r\nReceive: a\r\n"
        let body = "\r\n" + String(repeating: "Received: in the body\r\n", count: 20)
        let outcome = decode(others + header + body + ".\r\n", limits: SMTPServerLimits(hops: 10))
        #expect(outcome.defect == (count > 10 ? .tooManyHops : nil))
    }

    @Test("of several defects the gravest is told, whichever came first")
    func gravest() {
        let limits = SMTPServerLimits(messageSize: 20, contentLine: 30)
        let long = String(repeating: "x", count: 40)
        #expect(decode("\r\n\(long)\r\na\nb\r\n.\r\n", limits: limits).defect == .lineEnd)
        #expect(decode("\r\na\nb\r\n\(long)\r\n.\r\n", limits: limits).defect == .lineEnd)
        #expect(decode("\r\n\(long)\r\n.\r\n", limits: limits).defect == .lineTooLong)
    }

    @Test("content without stuffed dots is handed over as a slice of what was read")
    func noCopy() {
        var decoder = ContentDecoder(limits: SMTPServerLimits())
        var buffer = ByteBuffer(string: "Subject: a\r\n\r\nbody\r\n.\r\nQUIT\r\n")
        guard case .chunk(let chunk)? = decoder.next(from: &buffer) else {
            Issue.record("no chunk")
            return
        }
        #expect(String(buffer: chunk) == "Subject: a\r\n\r\nbody\r\n")
        #expect(decoder.next(from: &buffer) == .end(nil))
        #expect(String(buffer: buffer) == "QUIT\r\n")
    }
}
