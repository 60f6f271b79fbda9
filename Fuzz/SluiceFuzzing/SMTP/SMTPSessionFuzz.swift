// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOEmbedded
import SluiceCore
import SluiceSMTP

/// A client's side of a dialogue with the SMTP server, on an embedded channel.
///
/// The first octet says how the octets are cut on their way, the second in what mood the policy is. The rest is what
/// the client sends, but for the octets 1 to 3: open futures succeed, time passes, the server is asked to end.
enum SMTPSessionFuzz {
    private static let limits = SMTPServerLimits(
        messageSize: 600, recipients: 3, errors: 5, hops: 3, header: 300, commandLine: 200, contentLine: 100)

    static func run(_ octets: [UInt8]) {
        guard octets.count > 2 else { return }
        let sent = octets[2...]
        let replies = dialogue(sent, cut: octets[0], mood: octets[1])
        // A policy that waits may find what follows come together; one that does not makes the cuts invisible.
        if octets[1] == 0 { precondition(replies == dialogue(sent, cut: 0, mood: 0), "the cuts change the replies") }
        check(replies)
    }

    private static func check(_ octets: [UInt8]) {
        var decoder = ReplyDecoder()
        decoder.append(ByteBuffer(bytes: octets))
        while let reading = decoder.next() {
            guard case .reply = reading else { preconditionFailure("what was sent is no reply: \(reading)") }
        }
        precondition(!decoder.hasUnread, "half a reply was sent")
    }

    private static func dialogue(_ octets: ArraySlice<UInt8>, cut: UInt8, mood: UInt8) -> [UInt8] {
        weak var handler: SMTPServerHandler?
        let replies = {
            let channel = EmbeddedChannel()
            let policy = SMTPSessionFuzzPolicy(mood: mood, loop: channel.embeddedEventLoop, limits: limits)
            let server = SMTPServerHandler(
                configuration: SMTPServerConfiguration(hostname: "relay.test", limits: limits),
                client: ClientInfo(address: .unspecified), policy: policy,
                logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() })
            handler = server
            do {
                return try drive(channel, server, policy, octets, cut: cut)
            } catch {
                preconditionFailure("the channel threw \(error)")
            }
        }()
        precondition(handler == nil, "something still holds the handler of a closed connection")
        return replies
    }

    private static func drive(
        _ channel: EmbeddedChannel, _ server: SMTPServerHandler, _ policy: SMTPSessionFuzzPolicy,
        _ octets: ArraySlice<UInt8>, cut: UInt8
    ) throws -> [UInt8] {
        try channel.pipeline.syncOperations.addHandler(server)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 25)).wait()
        for run in octets.split(at: 1...3) where channel.isActive {
            switch run.first {
            case 1?: policy.succeedAll()
            case 2?: channel.embeddedEventLoop.advanceTime(by: .seconds(100))
            case 3?: channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            default:
                for piece in Cuts.pieces(of: run, by: cut) where channel.isActive { try channel.writeInbound(piece) }
            }
        }
        policy.succeedAll()
        channel.close(promise: nil)
        channel.embeddedEventLoop.run()
        policy.succeedAll()
        policy.checkEnd()
        var replies: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { replies += buffer.readableBytesView }
        return replies
    }

    static var seeds: [[UInt8]] {
        let mail = "MAIL FROM:<a@b.test> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<c@d.test>\r\nRCPT TO:<e@f.test>\r\nDATA\r\n"
        let content = "Subject: x\r\n\r\n..hello\r\n.\r\n"
        let dialogues = [
            "EHLO client.test\r\n" + mail + content + "QUIT\r\n",
            "HELO x\r\n" + mail + "a\nb\r\n.\r\n" + mail + content,
            "EHLO x\r\nMAIL FROM:<>\r\nDATA\r\nRSET\r\n" + mail + "x\r\r\n.\r\nMAIL FROM:<g@h>\r\n.\r\n",
            "EHLO x\r\n" + mail + String(repeating: "0123456789\r\n", count: 60) + ".\r\n" + mail + content,
            "EHLO x\r\n" + mail + "\u{2}\u{2}\u{2}\u{2}", "EHLO x\r\n" + mail + "\u{3}" + content + "NOOP\r\n",
            "NOOP\r\nXYZ\r\nXYZ\r\nXYZ\r\nXYZ\r\nXYZ\r\nXYZ\r\n",
            "EHLO x\r\nSTARTTLS\r\nAUTH PLAIN =\r\nHELP\r\nVRFY a\r\nEHLO y\r\n",
            "EHLO x\r\n" + mail + "\u{1}" + content + "\u{1}" + mail + "\u{1}\u{1}" + content + "\u{1}QUIT\r\n\u{1}",
            "\u{1}EHLO x\r\n\u{1}MAIL FROM:<a@b>\r\n\u{1}RCPT TO:<c@d>\r\n\u{1}DATA\r\n\u{1}x\r\n\u{1}.\r\n"
                + "\u{1}\u{1}RSET\r\n",
        ]
        return dialogues.flatMap { text in
            ([[0, 0], [1, 0], [8, 0], [0, 1], [3, 5], [0, 77]] as [[UInt8]]).map { $0 + Array(text.utf8) }
        }
    }
}
