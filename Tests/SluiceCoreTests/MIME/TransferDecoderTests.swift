// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@Suite("Transfer encodings")
struct TransferDecoderTests {
    /// Decodes in pieces of that many octets.
    private func decode(
        _ octets: [UInt8], _ encoding: TransferEncoding, by step: Int = .max
    ) -> (octets: [UInt8], defects: [MIMEDefect.Kind]) {
        var decoder = TransferDecoder(encoding)
        var decoded: [UInt8] = []
        var start = 0
        while start < octets.count {
            let end = min(octets.count, step == .max ? octets.count : start + step)
            decoded += Array(decoder.decode(ByteBuffer(bytes: octets[start..<end])).readableBytesView)
            start = end
        }
        decoded += Array(decoder.finish().readableBytesView)
        return (decoded, decoder.defects)
    }

    private func decode(_ text: String, _ encoding: TransferEncoding) -> (text: String, defects: [MIMEDefect.Kind]) {
        let (octets, defects) = decode(Array(text.utf8), encoding)
        return (String(latin1OrUTF8: octets), defects)
    }

    @Test(
        "base64 is decoded tolerantly",
        arguments: [
            ("", "", []), ("TWFu", "Man", []), ("TWE=", "Ma", []), ("TQ==", "M", []),
            ("TW\r\nFu\r\n", "Man", []), (" T W F u ", "Man", []),
            ("TWE", "Ma", [.truncatedBase64]), ("TQ", "M", [.truncatedBase64]), ("TWFuT", "Man", [.truncatedBase64]),
            ("TQ=", "M", []), ("T=", "", [.truncatedBase64]), ("====", "", []),
            ("T!W-F_u", "Man", [.badBase64]), ("TQ==TWFu", "MMan", [.base64AfterPadding]),
            ("TQ==\r\n\r\n", "M", []), ("TWFu====", "Man", []),
        ] as [(String, String, [MIMEDefect.Kind])])
    func base64Table(encoded: String, decoded: String, defects: [MIMEDefect.Kind]) {
        let result = decode(encoded, .base64)
        #expect(result.text == decoded)
        #expect(result.defects == defects)
    }

    @Test(
        "quoted-printable is decoded tolerantly",
        arguments: [
            ("", "", true), ("a=3Db", "a=b", true), ("a=3db", "a=b", true), ("=C3=BC", "ü", true),
            ("soft=\r\nbreak", "softbreak", true), ("soft=\nbreak", "softbreak", true),
            ("soft= \t\r\nbreak", "softbreak", true), ("end=", "end", true), ("end= ", "end", true),
            ("trailing \t\r\nx", "trailing\r\nx", true), ("in ner\r\n", "in ner\r\n", true), ("last  ", "last", true),
            ("=20\r\n", " \r\n", true), ("=09 \r\n", "\t\r\n", true),
            ("a=zb", "a=zb", false), ("a=4zb", "a=4zb", false), ("a==41", "a=A", false), ("a= b", "a= b", false),
            ("a=4", "a=4", false), ("=4=41", "=4A", false), ("=\rx", "x", false),
        ])
    func quotedPrintableTable(encoded: String, decoded: String, isClean: Bool) {
        let result = decode(encoded, .quotedPrintable)
        #expect(result.text == decoded)
        #expect(result.defects == (isClean ? [] : [.badQuotedPrintable]))
    }

    @Test("any octets come back from base64, in pieces of any size")
    func base64RoundTrip() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let octets = random.octets(Int.random(in: 0...200, using: &random))
            var encoded = Array(base64(octets).utf8)
            for index in stride(from: 60, to: encoded.count, by: 62) {
                encoded.insert(contentsOf: [13, 10], at: index)
            }
            let result = decode(encoded, .base64, by: Int.random(in: 1...70, using: &random))
            #expect(result.octets == octets)
            #expect(result.defects.isEmpty)
        }
    }

    @Test("any octets come back from quoted-printable, in pieces of any size")
    func quotedPrintableRoundTrip() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<200 {
            let octets = random.octets(Int.random(in: 0...200, using: &random))
            let digits = Array("0123456789ABCDEF".utf8)
            var encoded: [UInt8] = []
            for byte in octets {
                if byte > 32, byte < 127, byte != UInt8(ascii: "=") {
                    encoded.append(byte)
                } else {
                    encoded += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
                if Int.random(in: 0..<30, using: &random) == 0 { encoded += Array("=\r\n".utf8) }
            }
            let result = decode(encoded, .quotedPrintable, by: Int.random(in: 1...70, using: &random))
            #expect(result.octets == octets)
            #expect(result.defects.isEmpty)
        }
    }

    @Test("how the octets are cut into pieces changes nothing")
    func pieces() {
        var random = SeededGenerator(seed: 5)
        let alphabet = Array("=== \t\r\nAFaf09zZ+/".utf8)
        for encoding in [TransferEncoding.base64, .quotedPrintable] {
            for _ in 0..<500 {
                let octets = random.octets(Int.random(in: 0...80, using: &random), from: alphabet)
                let whole = decode(octets, encoding)
                let cut = decode(octets, encoding, by: Int.random(in: 1...7, using: &random))
                #expect(whole.octets == cut.octets)
                #expect(whole.defects == cut.defects)
            }
        }
    }

    @Test("decoding never makes more octets than there were")
    func noGrowth() {
        var random = SeededGenerator(seed: 6)
        for encoding in [TransferEncoding.base64, .quotedPrintable, .sevenBit] {
            for _ in 0..<200 {
                let octets = random.octets(Int.random(in: 0...300, using: &random))
                #expect(decode(octets, encoding).octets.count <= octets.count)
            }
        }
    }

    @Test("white space of a megabyte needs no memory of a megabyte, and is data")
    func longWhiteSpace() {
        let octets = [UInt8](repeating: 0x20, count: 1 << 20)
        let decoded = decode(octets, .quotedPrintable).octets
        #expect(decoded.count > octets.count - 2000)
        #expect(decoded.count < octets.count)
    }

    @Test("a body is decoded up to a limit", arguments: [(0, ""), (2, "He"), (5, "Hello"), (6, "Hello")])
    func limit(limit: Int, text: String) throws {
        let part = try structure("Content-Transfer-Encoding: base64\n\nSGVsbG8=\n").root
        let decoded = try part.decodedBody(limit: limit)
        #expect(String(buffer: decoded.octets) == text)
        #expect(decoded.isWhole == (limit >= 5))
        #expect(decoded.defects == (limit >= 5 ? [] : [.decodeLimit(limit)]))
    }

    @Test("large bodies come in chunks, and what the closure throws is thrown")
    func chunks() throws {
        struct Stop: Error {}
        let octets = SeededOctets.make(300_000)
        let message = Array("Content-Transfer-Encoding: base64\r\n\r\n".utf8) + Array(base64(octets).utf8)
        let part = try MIMEReader().read(Message(MemoryContent(ByteBuffer(bytes: message)))).root
        var sizes: [Int] = []
        var joined: [UInt8] = []
        let defects = try part.forEachDecodedChunk {
            sizes.append($0.readableBytes)
            joined += Array($0.readableBytesView)
        }
        #expect(defects.isEmpty)
        #expect(joined == octets)
        #expect(sizes.count > 4 && sizes.allSatisfy { $0 > 0 && $0 <= 65536 })
        #expect(throws: Stop.self) { try part.forEachDecodedChunk { _ in throw Stop() } }
    }

    @Test("text is converted from its character set, or the defect says that it could not be")
    func text() throws {
        func text(_ charset: String) throws -> (text: String, defects: [MIMEDefect.Kind]) {
            try structure("Content-Type: text/plain\(charset)\nContent-Transfer-Encoding: quoted-printable\n\n=C3=BC")
                .root.decodedText(limit: 100)
        }
        #expect(try text("; charset=utf-8").text == "ü")
        #expect(try text("; charset=iso-8859-1").text == "Ã¼")
        #expect(try text("").text == "ü")
        #expect(try text("; charset=\"\"").text == "ü")
        let unknown = try text("; charset=X-None")
        #expect(unknown.text == "ü")
        #expect(unknown.defects == [.unknownCharset("x-none")])
    }

    @Test(
        "text in UTF-8 is the same as text",
        arguments: ["", "utf-8", "us-ascii", "iso-8859-1", "utf-16be", "x-none", "UTF-8"])
    func utf8(charset: String) throws {
        for body in ["plain words", "=C3=BC and =FC", "=00a=00b", "=E2=82", ""] {
            let part = try structure(
                "Content-Type: text/plain; charset=\"\(charset)\"\nContent-Transfer-Encoding: quoted-printable\n\n"
                    + body
            ).root
            for limit in [3, 100] {
                let text = try part.decodedText(limit: limit)
                let octets = try part.decodedUTF8(limit: limit)
                #expect(octets.octets == Array(text.text.utf8) && octets.defects == text.defects)
            }
        }
    }

    private enum SeededOctets {
        static func make(_ count: Int) -> [UInt8] {
            var random = SeededGenerator(seed: 7)
            return random.octets(count)
        }
    }
}
