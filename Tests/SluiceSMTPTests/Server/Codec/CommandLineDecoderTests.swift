// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceTesting
import Testing

@testable import SluiceSMTP

@Suite("Command lines (RFC 5321 §2.3.8)")
struct CommandLineDecoderTests {
    /// Reads pieces one after another, and says what came out in all.
    private func decode(
        _ pieces: [[UInt8]], limit: Int = 40, authenticationLimit: Int = 80, isExchange: Bool = false
    ) -> [CommandLineDecoder.Item] {
        var decoder = CommandLineDecoder(limit: limit, authenticationLimit: authenticationLimit)
        var buffer = ByteBuffer()
        var items: [CommandLineDecoder.Item] = []
        for piece in pieces {
            buffer.writeBytes(piece)
            while let item = decoder.next(from: &buffer, isExchange: isExchange) { items.append(item) }
            #expect(buffer.readableBytes <= max(limit, authenticationLimit))
        }
        return items
    }

    private func decode(_ text: String, limit: Int = 40) -> [CommandLineDecoder.Item] {
        decode([Array(text.utf8)], limit: limit)
    }

    private func line(_ text: String) -> CommandLineDecoder.Item { .line(Array(text.utf8)) }

    @Test("lines come without their CRLF, one by one")
    func lines() {
        #expect(decode("EHLO a\r\nNOOP\r\n\r\nQUI") == [line("EHLO a"), line("NOOP"), line("")])
    }

    @Test(
        "a bare CR, a bare LF or a NUL makes one fault of the whole line up to its CRLF",
        arguments: [
            "NO\nOP\r\n", "NO\rOP\r\n", "NO\0OP\r\n", "NOOP\n\n\r\n", "NOOP\r\r\n", "\nRCPT TO:<a>\nDATA\r\n",
            "\r\r\r\n",
        ])
    func faults(text: String) {
        #expect(decode(text + "QUIT\r\n") == [.fault(.lineEnd), line("QUIT")])
    }

    @Test("a bare LF is told at once, without waiting for the CRLF that a careless client never sends")
    func toldAtOnce() {
        #expect(decode("NOOP\n") == [.fault(.lineEnd)])
        #expect(decode("NOOP\nQUIT\n") == [.fault(.lineEnd)])
    }

    @Test("a line of the limit is taken, one octet more is too long", arguments: [39, 40, 41])
    func limit(length: Int) {
        let text = String(repeating: "x", count: length - 2)
        let expected = length <= 40 ? line(text) : .fault(.lineTooLong)
        #expect(decode(text + "\r\nQUIT\r\n") == [expected, line("QUIT")])
    }

    @Test("an AUTH command may be as long as a line of its exchange", arguments: [79, 80, 81])
    func authenticationLimit(length: Int) {
        let text = "auth PLAIN " + String(repeating: "A", count: length - 13)
        let expected = length <= 80 ? line(text) : .fault(.lineTooLong)
        #expect(decode(text + "\r\nQUIT\r\n") == [expected, line("QUIT")])
        let response = String(repeating: "A", count: length - 2)
        let items = decode([Array((response + "\r\n").utf8)], isExchange: true)
        #expect(items == [length <= 80 ? line(response) : .fault(.lineTooLong)])
    }

    @Test("a line of 10 MB is dropped as it comes, and the next one is read")
    func endless() {
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
        let items = decode(Array(repeating: piece, count: 100) + [Array("\r\nQUIT\r\n".utf8)])
        #expect(items == [.fault(.lineTooLong), line("QUIT")])
    }

    @Test("the lines are the same however the octets are split into reads")
    func chunking() {
        var generator = SeededGenerator(seed: 1)
        let alphabet: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0, UInt8(ascii: "a"), UInt8(ascii: "b")]
        for _ in 0..<2000 {
            let octets = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            let whole = decode([octets], limit: 8, authenticationLimit: 8)
            #expect(decode(octets.map { [$0] }, limit: 8, authenticationLimit: 8) == whole)
            let pieces = octets.randomPieces(using: &generator)
            #expect(decode(pieces, limit: 8, authenticationLimit: 8) == whole)
        }
    }
}
