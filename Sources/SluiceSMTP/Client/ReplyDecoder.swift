// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore

/// Reads a server's replies from octets (RFC 5321 §4.2).
///
/// A line ends in LF, with or without CR before it: a peer that sends bare LF is understood. What is no reply is a
/// value, ``Reading/garbage(_:)``; after it the decoder reads nothing more, as nobody can tell where the next begins.
package struct ReplyDecoder: Sendable {
    /// What was read.
    package enum Reading: Hashable, Sendable {
        case reply(Reply)
        /// These octets are no reply; the reason in words, without the octets.
        case garbage(String)
    }

    /// The longest line in octets, its end not counted. RFC 5321 §4.5.3.1.5 says 512; servers send more.
    package static let lineLimit = 4096
    /// The most lines of one reply.
    package static let linesLimit = 256
    /// The most octets of one reply.
    package static let replyLimit = 32768

    private var buffer = ByteBuffer()
    /// How many octets of `buffer` are known to hold no LF, so that a slow line is not searched again and again.
    private var searched = 0
    private var code: Int?
    private var texts: [String] = []
    private var octets = 0
    private var isBroken = false

    package init() {}

    /// Whether octets stand here that no reply has used up.
    package var hasUnread: Bool { buffer.readableBytes > 0 || !texts.isEmpty }

    /// Takes what came from the peer.
    package mutating func append(_ octets: ByteBuffer) {
        if isBroken { return }
        if buffer.readableBytes == 0 {
            buffer = octets
            searched = 0
        } else {
            // So that it does not grow where a rest is always left.
            if buffer.readerIndex > Self.lineLimit { buffer.discardReadBytes() }
            buffer.writeImmutableBuffer(octets)
        }
    }

    /// The next reply, if it is whole.
    package mutating func next() -> Reading? {
        while !isBroken {
            let view = buffer.readableBytesView
            guard let end = view[(view.startIndex + searched)...].firstIndex(of: UInt8(ascii: "\n")) else {
                searched = view.count
                if view.count > Self.lineLimit + 1 { return broken("a line of more than \(Self.lineLimit) octets") }
                return nil
            }
            var line = view[..<end]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            buffer.moveReaderIndex(forwardBy: end - view.startIndex + 1)
            searched = 0
            if let reading = take(line) { return reading }
        }
        return nil
    }

    private mutating func broken(_ reason: String) -> Reading {
        isBroken = true
        buffer = ByteBuffer()
        texts = []
        return .garbage(reason)
    }

    /// Takes one line; answers where it ends a reply or is none.
    private mutating func take(_ line: ByteBufferView) -> Reading? {
        guard line.count <= Self.lineLimit else { return broken("a line of more than \(Self.lineLimit) octets") }
        octets += line.count
        guard octets <= Self.replyLimit else { return broken("a reply of more than \(Self.replyLimit) octets") }
        let start = line.startIndex
        guard line.count >= 3, line[start..<(start + 3)].allSatisfy(\.isASCIIDigit),
            line[start] >= UInt8(ascii: "2"), line[start] <= UInt8(ascii: "5")
        else { return broken("a line that does not begin with a reply code") }
        let lineCode = line[start..<(start + 3)].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        guard code == nil || code == lineCode else { return broken("two reply codes in one reply") }
        code = lineCode
        let separator = line.count > 3 ? line[start + 3] : UInt8(ascii: " ")
        guard separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-") else {
            return broken("a reply code that is followed by neither space nor hyphen")
        }
        texts.append(Self.text(line.dropFirst(4)))
        if separator == UInt8(ascii: "-") {
            return texts.count < Self.linesLimit ? nil : broken("a reply of more than \(Self.linesLimit) lines")
        }
        defer {
            code = nil
            texts = []
            octets = 0
        }
        return .reply(Self.reply(lineCode, texts))
    }

    /// Text without control characters; octets that are not UTF-8 stand as the character of their value.
    private static func text(_ octets: some Sequence<UInt8>) -> String {
        let printable = octets.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }
        return String(latin1OrUTF8: printable)
    }

    /// Takes the enhanced status code off each line that bears the first line's (RFC 2034 §3).
    private static func reply(_ code: Int, _ texts: [String]) -> Reply {
        let word = texts[0].utf8.prefix { $0 != UInt8(ascii: " ") }
        guard let enhanced = EnhancedStatusCode(Substring(word)), enhanced.statusClass == code / 100 else {
            return Reply(code, lines: texts)
        }
        let lines = texts.map { text in
            guard text.utf8.starts(with: word) else { return text }
            let rest = text.utf8.dropFirst(word.count)
            guard rest.isEmpty || rest.first == UInt8(ascii: " ") else { return text }
            return String(Substring(rest.drop { $0 == UInt8(ascii: " ") }))
        }
        return Reply(code, enhanced, lines: lines)
    }
}
