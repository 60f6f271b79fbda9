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
            ("a\n.b\r\n", "a\r\n..b\r\n.\r\n"),
            ("a\r.b\r\n", "a\r\n..b\r\n.\r\n"),
            ("a\r", "a\r\n.\r\n"),
            ("a\n", "a\r\n.\r\n"),
            ("a\r\r\n", "a\r\n\r\n.\r\n"),
            ("a\r\n\u{0}.\r\n", "a\r\n..\r\n.\r\n"),
            ("\u{0}", ".\r\n"),
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

    /// What may stand before and behind a dot.
    private static let separators: [(name: String, octets: [UInt8])] = [
        ("CR", [0x0D]), ("LF", [0x0A]), ("CRLF", [0x0D, 0x0A]), ("CRCRLF", [0x0D, 0x0D, 0x0A]), ("NUL", [0]),
    ]

    /// How a next hop may read line ends: as it should, or with a bare LF, a bare CR or either of them for one; with and
    /// without NUL.
    private static let readings: [(ends: [[UInt8]], dropsNUL: Bool)] = [
        [[[0x0D, 0x0A]]], [[[0x0D, 0x0A], [0x0A]]], [[[0x0D, 0x0A], [0x0D]]], [[[0x0D, 0x0A], [0x0A], [0x0D]]],
        [[[0x0D, 0x0D, 0x0A], [0x0D, 0x0A], [0x0A]]],
    ].flatMap { ends in [false, true].map { (ends[0], $0) } }

    /// How often the content ends for a next hop that reads so.
    private func ends(_ sent: ByteBuffer, _ reading: (ends: [[UInt8]], dropsNUL: Bool)) -> Int {
        var octets = Array(sent.readableBytesView)
        if reading.dropsNUL { octets.removeAll { $0 == 0 } }
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        var index = 0
        while index < octets.count {
            if let end = reading.ends.first(where: { octets[index...].starts(with: $0) }) {
                lines.append(line)
                line = []
                index += end.count
            } else {
                line.append(octets[index])
                index += 1
            }
        }
        return lines.filter { $0 == [0x2E] }.count
    }

    @Test(
        "smuggling: whatever stands around a dot, the content ends once, for every next hop",
        arguments: 0..<separators.count, 0..<separators.count)
    func smuggling(before: Int, behind: Int) {
        let (first, second) = (Self.separators[before], Self.separators[behind])
        for lead in [[], Array("body".utf8), Array("body\r\n".utf8)] {
            let octets = lead + first.octets + [0x2E] + second.octets + Array("MAIL FROM:<x@y.test>\r\n".utf8)
            let whole = encode([ByteBuffer(bytes: octets)])
            #expect(encode(octets.map { ByteBuffer(bytes: [$0]) }) == whole)
            for reading in Self.readings {
                #expect(ends(whole, reading) == 1, "\(first.name) . \(second.name), read by \(reading)")
            }
            #expect(isClean(whole))
        }
    }

    /// Whether every CR and LF is part of a CRLF, and there is no NUL.
    private func isClean(_ sent: ByteBuffer) -> Bool {
        let octets = Array(sent.readableBytesView)
        return octets.indices.allSatisfy { index in
            switch octets[index] {
            case 0: false
            case 0x0D: index + 1 < octets.count && octets[index + 1] == 0x0A
            case 0x0A: index > 0 && octets[index - 1] == 0x0D
            default: true
            }
        }
    }

    /// The content with CRLF at every line's end, and without NUL: by other means than the stuffer's.
    private func mended(_ content: [UInt8]) -> [UInt8] {
        var mended: [UInt8] = []
        var index = 0
        while index < content.count {
            let isPair = content[index] == 0x0D && index + 1 < content.count && content[index + 1] == 0x0A
            switch content[index] {
            case 0x0D, 0x0A: mended += [0x0D, 0x0A]
            case 0: break
            case let octet: mended.append(octet)
            }
            index += isPair ? 2 : 1
        }
        return mended.isEmpty || mended.suffix(2) == [0x0D, 0x0A] ? mended : mended + [0x0D, 0x0A]
    }

    @Test(
        "whatever the content and its cuts, the receiver gets the same octets, with whole line ends", arguments: 0..<300
    )
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
        let sent = encode(chunks)
        #expect(receive(sent) == mended(content))
        #expect(isClean(sent))
    }
}
