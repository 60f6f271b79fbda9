// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceMilter

/// The decoders and encoders of the milter protocol. The first octet is the code, the rest the payload.
enum MilterPacketFuzz {
    static func command(_ octets: [UInt8]) {
        guard let packet = packet(octets), let command = try? MilterCommandDecoder.decode(packet) else { return }
        var buffer = ByteBuffer()
        MilterCommandEncoder.encode(command, into: &buffer)
        let again = read(buffer).map { try? MilterCommandDecoder.decode($0) }
        precondition(again == [command], "\(command) was written and read as \(again)")
    }

    static func reply(_ octets: [UInt8]) {
        guard let packet = packet(octets), let reply = try? MilterReplyDecoder.decode(packet) else { return }
        var buffer = ByteBuffer()
        MilterReplyEncoder.encode(reply, into: &buffer)
        var again = read(buffer).map { try? MilterReplyDecoder.decode($0) }
        if case .replaceBody = reply {
            var whole = ByteBuffer()
            for case .replaceBody(let piece)? in again { whole.writeImmutableBuffer(piece) }
            again = [.replaceBody(whole)]
        }
        precondition(again == [reply], "\(reply) was written and read as \(again)")
    }

    static func read(_ octets: ByteBuffer) -> [MilterPacket] {
        var reader = MilterFrameReader()
        reader.feed(octets)
        var packets: [MilterPacket] = []
        do {
            while let packet = try reader.next() { packets.append(packet) }
        } catch {
            preconditionFailure("we wrote \(error)")
        }
        precondition(!reader.isWithinPacket, "we wrote half a packet")
        return packets
    }

    private static func packet(_ octets: [UInt8]) -> MilterPacket? {
        guard let code = octets.first else { return nil }
        return MilterPacket(code: code, payload: ByteBuffer(bytes: octets.dropFirst()))
    }

    private static func text(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    static var commands: [MilterCommand] {
        var commands: [MilterCommand] = [
            .negotiate(MilterOptions(version: 6, actions: .version6, steps: .version6)),
            .macros(step: MilterCommandCode.connect, MilterMacros(["j": "mx.test", "daemon_name": "smtpd"])),
            .connect(hostname: text("[192.0.2.1]"), .unknown),
            .connect(hostname: text("localhost"), .unix(text("/run/mail.sock"))),
            .helo(text("client.test")), .mail([text("<a@b.test>"), text("SIZE=100")]),
            .macros(step: MilterCommandCode.recipient, MilterMacros(["rcpt_mailer": "error"])),
            .recipient([text("<c@d.test>"), text("NOTIFY=NEVER")]), .data,
            .header(name: text("Subject"), value: text(" one\n two")), .endOfHeader, .body(text("Hello\r\n")),
            .endOfMessage(text("")), .abort, .quit, .quitNewConnection, .unknown(text("XYZZY")),
        ]
        for address in ["192.0.2.1", "2001:db8::1"] {
            guard let address = IPAddress(address) else { continue }
            commands.append(.connect(hostname: text("client.test"), .address(address, port: 2525)))
        }
        return commands
    }

    static var commandSeeds: [[UInt8]] {
        commands.map { command in
            var buffer = ByteBuffer()
            MilterCommandEncoder.encode(command, into: &buffer)
            return Array(buffer.readableBytesView.dropFirst(4))
        }
    }

    static var replySeeds: [[UInt8]] {
        let replies: [MilterReply] = [
            .negotiate(
                MilterOptions(
                    version: 6, actions: .version6, steps: .version6,
                    macroLists: [.connect: ["j", "daemon_name"], .endOfMessage: ["i"]])),
            .proceed, .accept, .reject, .temporaryFailure, .discard, .skip, .shutdown, .connectionFailure, .progress,
            .replyCode(text("550-5.7.1 100%\r\n550 5.7.1 no")), .quarantine(reason: text("virus")),
            .addField(name: text("X-A"), value: text(" b")),
            .insertField(index: 1, name: text("X-A"), value: text(" b")),
            .changeField(index: 2, name: text("Subject"), value: text("")), .replaceBody(text("new\r\n")),
            .changeReversePath(text("<a@b.test>"), parameters: nil),
            .changeReversePath(text("<a@b.test>"), parameters: text("SIZE=1")), .addRecipient(text("<c@d.test>")),
            .addRecipientWithParameters(text("<c@d.test>"), parameters: text("NOTIFY=NEVER")),
            .deleteRecipient(text("<c@d.test>")),
        ]
        return replies.map { reply in
            var buffer = ByteBuffer()
            MilterReplyEncoder.encode(reply, into: &buffer)
            return Array(buffer.readableBytesView.dropFirst(4))
        }
    }
}
