// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceSMTP

/// Content lines, both ways: as a client sends them behind DATA, and as they are sent to a next hop. The first octet
/// says how they are cut on their way, the second whether the limits are narrow.
enum SMTPContentFuzz {
    private static let narrow = SMTPServerLimits(messageSize: 300, hops: 2, header: 120, contentLine: 60)

    static func run(_ octets: [UInt8]) {
        guard octets.count > 1 else { return }
        let content = Array(octets[2...])
        receive(content, cut: octets[0], octets[1] & 1 == 1 ? narrow : SMTPServerLimits())
        send(content, cut: octets[0])
    }

    // MARK: From a client

    private struct Received: Equatable {
        var content: [UInt8] = []
        var isEnded = false
        var defect: ContentDefect?
        var length = 0
        var rest: [UInt8] = []
    }

    private static func receive(_ octets: [UInt8], cut: UInt8, _ limits: SMTPServerLimits) {
        let received = decode(Cuts.pieces(of: octets, by: cut), limits)
        let whole = decode(Cuts.pieces(of: octets, by: 0), limits)
        precondition(
            received.isEnded == whole.isEnded && received.defect == whole.defect && received.rest == whole.rest,
            "the cuts change what is read: \(received), \(whole)")
        guard let expected = ContentReference(octets, limits) else {
            precondition(!received.isEnded, "content ended without a final dot")
            return
        }
        precondition(received.isEnded && received.rest == expected.rest, "the final dot was missed")
        precondition(
            received.defect == expected.defect,
            "\(String(describing: received.defect)) was found, not \(String(describing: expected.defect))")
        if received.defect == nil {
            precondition(received.content == expected.content && received.length == expected.content.count, "lost")
        } else {
            precondition(expected.content.starts(with: received.content), "other content was handed over")
        }
    }

    private static func decode(_ pieces: [ByteBuffer], _ limits: SMTPServerLimits) -> Received {
        var decoder = ContentDecoder(limits: limits)
        var received = Received()
        var buffer = ByteBuffer()
        for piece in pieces {
            buffer.writeImmutableBuffer(piece)
            reading: while !received.isEnded, let item = decoder.next(from: &buffer) {
                switch item {
                case .chunk(let chunk):
                    precondition(chunk.readableBytes > 0, "an empty chunk")
                    received.content += chunk.readableBytesView
                case .end(let defect):
                    received.isEnded = true
                    received.defect = defect
                    break reading
                }
            }
        }
        received.length = decoder.length
        received.rest = Array(buffer.readableBytesView)
        return received
    }

    // MARK: To a next hop

    private static func send(_ octets: [UInt8], cut: UInt8) {
        let sent = stuffed(Cuts.pieces(of: octets, by: cut))
        precondition(sent == stuffed(Cuts.pieces(of: octets, by: 0)), "the cuts change what is sent")
        let limits = SMTPServerLimits()
        guard let read = ContentReference(sent, limits) else { preconditionFailure("there is no final dot") }
        precondition(read.rest.isEmpty, "the content ends before its end: what follows would be taken for commands")
        precondition(read.content == withWholeLineEnds(octets), "other content was sent")
        switch read.defect {
        case nil, .tooLarge?, .tooManyHops?, .headerTooLarge?, .lineTooLong?: break
        case .nul?, .lineEnd?, .doubtfulEnd?: preconditionFailure("\(String(describing: read.defect)) was sent")
        }
    }

    private static func stuffed(_ pieces: [ByteBuffer]) -> [UInt8] {
        var stuffer = DotStuffer()
        return Cuts.joined(pieces.map { stuffer.encode($0) } + [stuffer.finish()])
    }

    /// Every CR and LF a CRLF, no NUL, and a CRLF at the end.
    private static func withWholeLineEnds(_ octets: [UInt8]) -> [UInt8] {
        var content: [UInt8] = []
        var index = 0
        while index < octets.count {
            switch octets[index] {
            case 0x0D:
                content += [0x0D, 0x0A]
                if index + 1 < octets.count, octets[index + 1] == 0x0A { index += 1 }
            case 0x0A: content += [0x0D, 0x0A]
            case 0: break
            case let octet: content.append(octet)
            }
            index += 1
        }
        return content.isEmpty || content.suffix(2) == [0x0D, 0x0A] ? content : content + [0x0D, 0x0A]
    }

    static var seeds: [[UInt8]] {
        let received = "Received: from a.test by b.test; today\r\n"
        return [
            "Subject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n", "..\r\n...\r\n.x\r\n.\r\n", ".\r\n", "a\r\n.\r\r\n.\r\n",
            "a\r\r\n.\r\n",
            "a\n.\nMAIL FROM:<b@c>\r\n.\r\n", "a\r.\r\nRSET\r\n.\r\n", "a\0b\r\n.\r\n",
            received + received + received + "\r\n.\r\n",
            "From a\r\nreceived : x\r\n \tfolded\r\n\r\n.\r\n", "no field\r\n more\r\n\r\nx\r\n.\r\n", "\r\0\n.\r\n",
            String(repeating: "x", count: 61) + "\r\n.\r\n",
            "A: " + String(repeating: "y\r\n ", count: 40) + "\r\n\r\n.\r\n",
            String(repeating: "z\r\n", count: 101) + ".\r\n", "From : a@b\r\n\r\n.\r\n",
        ].flatMap { text in [[0, 0], [1, 1], [7, 1]].map { $0 + Array(text.utf8) } }
    }
}
