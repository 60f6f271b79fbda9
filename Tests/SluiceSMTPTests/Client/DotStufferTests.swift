// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceSMTP

@Suite("Dot-stuffing")
struct DotStufferTests {
    private func encode(_ chunks: [ByteBuffer]) -> ByteBuffer {
        var stuffer = DotStuffer()
        var output = ByteBuffer()
        for chunk in chunks { output.writeImmutableBuffer(stuffer.encode(chunk)) }
        output.writeImmutableBuffer(stuffer.finish())
        return output
    }

    @Test(
        "a dot at the start of a line is doubled, no other",
        arguments: [
            ("", ".\r\n"),
            ("a\r\n", "a\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            (".", "..\r\n.\r\n"),
            (".\r\n", "..\r\n.\r\n"),
            ("..\r\n", "...\r\n.\r\n"),
            ("a.b\r\n.c\r\n", "a.b\r\n..c\r\n.\r\n"),
            ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"),
            ("a\n.b\r\n", "a\n.b\r\n.\r\n"),
            ("a\r.b\r\n", "a\r.b\r\n.\r\n"),
            ("a\r", "a\r\r\n.\r\n"),
            ("a\n", "a\n\r\n.\r\n"),
        ])
    func table(_ content: String, _ sent: String) {
        #expect(String(buffer: encode([ByteBuffer(string: content)])) == sent)
        let single = content.utf8.map { ByteBuffer(bytes: [$0]) }
        #expect(String(buffer: encode(single)) == sent)
    }

    @Test("a chunk without a dot at a line's start is passed on as it is")
    func noCopy() {
        var stuffer = DotStuffer()
        let chunk = ByteBuffer(string: "no dots\r\nhere. at all.\r\n")
        // A slice that begins where the chunk begins in its storage has not been copied.
        let slice = ByteBuffer(string: "xx" + String(buffer: chunk)).getSlice(at: 2, length: chunk.readableBytes)
        let encoded = stuffer.encode(slice ?? chunk)
        #expect(encoded.capacity == (slice ?? chunk).capacity)
        #expect(encoded == chunk)
    }

    /// What a receiver makes of it (RFC 5321 §4.5.2): ends at the dot alone, takes one leading dot off each line.
    private func receive(_ sent: ByteBuffer) -> [UInt8]? {
        var octets: [UInt8] = []
        var line: [UInt8] = []
        var bytes = sent.readableBytesView[...]
        while let byte = bytes.popFirst() {
            line.append(byte)
            guard line.suffix(2) == [0x0D, 0x0A] else { continue }
            if line == [0x2E, 0x0D, 0x0A] { return bytes.isEmpty ? octets : nil }
            octets += line.first == 0x2E ? line.dropFirst() : line[...]
            line = []
        }
        return nil
    }

    @Test(
        "whatever the content and its cuts, the receiver gets the same octets, and CRLF at the end", arguments: 0..<300)
    func roundTrip(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet: [UInt8] = [0x0D, 0x0A, 0x2E, 0x2E, 0x41, 0xFF, 0x00]
        var content: [UInt8] = []
        for _ in 0..<Int.random(in: 0...80, using: &random) {
            if Int.random(in: 0..<4, using: &random) == 0 {
                content += [0x0D, 0x0A]
            } else {
                content.append(alphabet.randomElement(using: &random) ?? 0)
            }
        }
        var chunks: [ByteBuffer] = []
        var rest = content[...]
        while !rest.isEmpty {
            let count = Int.random(in: 0...7, using: &random)
            chunks.append(ByteBuffer(bytes: rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        let isComplete = content.isEmpty || content.suffix(2) == [0x0D, 0x0A]
        #expect(receive(encode(chunks)) == (isComplete ? content : content + [0x0D, 0x0A]))
    }
}
