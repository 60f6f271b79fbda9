// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceSMTP

/// Replies as a next hop sends them. The first octet says how they are cut on their way.
enum SMTPReplyFuzz {
    static func run(_ octets: [UInt8]) {
        guard let cut = octets.first else { return }
        let sent = octets.dropFirst()
        let readings = read(Cuts.pieces(of: sent, by: cut))
        precondition(readings == read(Cuts.pieces(of: sent, by: 0)), "the cuts change what is read")
        let garbage = readings.firstIndex { if case .garbage = $0 { true } else { false } }
        precondition(garbage == nil || garbage == readings.count - 1, "something was read behind garbage")
        for case .reply(let reply) in readings { check(reply) }
    }

    private static func read(_ pieces: [ByteBuffer]) -> [ReplyDecoder.Reading] {
        var decoder = ReplyDecoder()
        var readings: [ReplyDecoder.Reading] = []
        for piece in pieces {
            decoder.append(piece)
            while let reading = decoder.next() { readings.append(reading) }
        }
        return readings
    }

    private static func check(_ reply: Reply) {
        precondition(200..<600 ~= reply.code, "\(reply.code) is no reply code")
        precondition((1...ReplyDecoder.linesLimit).contains(reply.lines.count), "\(reply.lines.count) lines")
        // An octet that is not UTF-8 takes two.
        precondition(reply.text.utf8.count <= 3 * ReplyDecoder.replyLimit, "a reply past the limit")
        let hasControls = reply.lines.contains { $0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } }
        precondition(!hasControls, "a control character came through in \(reply)")
        if let enhanced = reply.enhanced { precondition(enhanced.statusClass == reply.code / 100, "\(reply)") }

        var buffer = ByteBuffer()
        ReplyEncoder.write(reply, to: &buffer)
        let again = read([buffer])
        guard buffer.readableBytes < ReplyDecoder.replyLimit, reply.lines.allSatisfy({ $0.utf8.count <= 490 }) else {
            return
        }
        guard case .reply(let read)? = again.first, again.count == 1 else {
            preconditionFailure("\(reply) was written and read as \(again)")
        }
        precondition(read.code == reply.code, "\(reply) was written and read as \(read)")
        guard reply.lines.allSatisfy(\.utf8.isPrintable) else { return }
        // Spaces behind an enhanced status code do not count.
        func words(_ lines: [String]) -> [Substring] { lines.map { $0.drop { $0 == " " } } }
        precondition(
            read.enhanced == reply.enhanced && words(read.lines) == words(reply.lines),
            "\(reply) was written and read as \(read)")
    }

    static var seeds: [[UInt8]] {
        [
            "220 mx.test ESMTP\r\n", "250-mx.test\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 DSN\r\n",
            "250 2.1.0 ok\r\n550 5.1.1 <a@b>: no such user\r\n", "452-4.5.3 too many\r\n452 4.5.3 recipients\r\n",
            "354\n",
            "421 4.3.2 closing\r\n221 bye\r\n", "250-one\r\n251 two\r\n", "2xx no\r\n", "250-\r\n250 \r\n",
            "550 5.7.1 \u{FC}\u{301}ber\r\n", "250_ok\r\n",
        ].flatMap { text in [[0], [1], [7]].map { $0 + Array(text.utf8) } }
            + [[3] + Array("550 5.7.1 \t".utf8) + [0x00, 0xFF, 0x7F, 0x0D, 0x0A]]
    }
}
