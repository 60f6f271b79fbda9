// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// The header section: no octet is lost, and it reads again as it is written, with edits and without.
enum HeaderFuzz {
    static func run(_ octets: [UInt8]) {
        let content = ByteBuffer(bytes: octets)
        let reading = HeaderSection.read(content)
        var expected = Cuts.joined(reading.header.fields.map(\.raw))
        let start = reading.defects.contains(.mboxLine) ? (octets.firstIndex(of: 0x0A) ?? octets.count - 1) + 1 : 0
        let end = start + expected.count
        precondition(expected.elementsEqual(octets[start..<end]), "a field has other octets than stood there")
        expected = Array(octets[end..<reading.bodyOffset])
        precondition(
            expected.isEmpty || expected == [0x0A] || expected == [0x0D, 0x0A],
            "octets between header and body are lost")
        for field in reading.header.fields { check(field) }
        domains(reading.header)

        guard let message = try? Message(MemoryContent(content)) else { preconditionFailure("memory can't be read") }
        rewrite(message)
        rewrite(
            message.applying([
                .addField(name: "X-Top", value: "1", position: 0), .addField(name: "X-End", value: "2", position: nil),
                .changeField(name: "Subject", occurrence: 1, value: "changed\r\n folded"),
                .deleteField(name: "received", occurrence: 1),
            ]))
    }

    private static func check(_ field: HeaderField) {
        precondition(!field.name.isEmpty && field.name.utf8.allSatisfy { $0 > 32 && $0 < 127 }, "\(field.name)")
        precondition(field.isNamed(field.name.uppercased()) && field.isNamed(field.name.lowercased()), "\(field.name)")
        let unfolded = field.unfoldedOctets
        precondition(!unfolded.contains(0x0A) && !unfolded.contains(0x0D), "an unfolded value has a line end")
        precondition(unfolded.count <= field.raw.readableBytes, "a value is longer than its field")
        _ = field.value
    }

    private static func domains(_ header: HeaderSection) {
        let domains = header.authorDomains
        precondition(domains.count <= 100 && Set(domains).count == domains.count, "\(domains)")
        precondition(domains.allSatisfy { $0 == $0.asciiLowercased() && !$0.isEmpty }, "\(domains)")
    }

    /// What is transmitted has the length that is told, the same fields, and the same body.
    private static func rewrite(_ message: Message) {
        guard let body = try? message.body.readAll() else { preconditionFailure("memory can't be read") }
        var written = message.headerOctets
        precondition(message.length == written.readableBytes + body.readableBytes, "the length is another one")
        written.writeImmutableBuffer(body)
        guard let again = try? Message(MemoryContent(written)), let read = try? again.body.readAll() else {
            preconditionFailure("memory can't be read")
        }
        let before = message.header.fields.map { [$0.name, $0.value] }
        let after = again.header.fields.map { [$0.name, $0.value] }
        precondition(before == after, "\(before) was written and read as \(after)")
        precondition(read == body, "another body was written")
        precondition(!again.defects.contains(.mboxLine), "a field was written and read as an mbox line")
    }

    static var seeds: [[UInt8]] {
        [
            "From: a@b.test\r\nTo: c@d.test\r\nSubject: one\r\n two\r\n\r\nbody\r\n",
            "From a@b Mon\r\nSubject : x\r\n\r\n",
            "Received: a\nReceived: b\n\nbody", "no field\r\n\r\nbody", " folded: first\r\n\r\n", "A:\r\n",
            "A: b\r\nno field\r\n\r\n",
            "From: \"x, y\" <a@B.test> (c (d)), group: e@f.test, g@[192.0.2.1];\r\nFrom: h@i\r\n\r\n",
            "From : a@b\r\n\r\n",
            "From x\r\nFrom : a@b\r\n\r\nbody", "A: b", "\r\n\r\n", "A: \u{FC}\r\n\t\r\n\r\n",
        ].map { Array($0.utf8) } + [Array("Subject: ".utf8) + [0xFF, 0x00, 0x0D, 0x0A, 0x0D, 0x0A]]
    }
}
