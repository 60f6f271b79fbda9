// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceSMTP

@Suite("Header scanner")
struct HeaderScannerTests {
    private func scan(_ text: String) -> HeaderScanner {
        var scanner = HeaderScanner()
        var length = 0
        var octets = Array(text.utf8)[...]
        while let octet = octets.popFirst(), !scanner.isOver {
            length += 1
            if octet == 0x0A {
                scanner.lineEnded(length: length)
                length = 0
            } else if octet != 0x0D {
                scanner.read(octet)
            }
        }
        return scanner
    }

    @Test("it ends the header section and counts its Received fields as the reader of messages does")
    func agrees() {
        var generator = SeededGenerator(seed: 3)
        let lines = [
            "Received: a", "received : b", "Received", "X-Received: c", " folded", "\tReceived: folded", "Subject:", "",
            "no field", ": no name", "Rec\u{e9}ived: x", "a:b", "Received:",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                (lines.randomElement(using: &generator) ?? "") + "\r\n"
            }.joined()
            let reading = HeaderSection.read(ByteBuffer(string: text))
            let scanner = scan(text)
            #expect(scanner.receivedFields == reading.header.all("Received").count, "\(text)")
            let length = reading.header.fields.reduce(0) { $0 + $1.raw.readableBytes }
            #expect(scanner.octets == length, "\(text)")
        }
    }

    @Test("an mbox line at the top does not end it")
    func mbox() {
        #expect(scan("From a@b Tue Nov 24\r\nReceived: a\r\n\r\n").receivedFields == 1)
        #expect(scan("From a@b Tue Nov 24\r\nFrom a@b\r\nReceived: a\r\n\r\n").receivedFields == 0)
    }
}
