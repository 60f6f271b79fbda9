// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceSMTP

/// A server's side of sessions with the SMTP client.
///
/// The first octet chooses protocol, TLS and pipelining, the second the envelope. What follows is what the server
/// sends, but for the octets 1 to 7: a message or a probe is asked for, the content sent, the content lost, time
/// passes, the connection goes, QUIT is asked for.
enum SMTPClientFuzz {
    static func run(_ octets: [UInt8]) {
        guard octets.count > 2 else { return }
        let mode = octets[0]
        var dialogue = SMTPClientDialogue(
            mode & 1 == 1 ? .lmtp : .smtp, tls: ClientTLSMode.allCases[Int(mode >> 1 & 3) % 3],
            refusesOwnName: mode & 8 != 0, usesPipelining: mode & 16 == 0)
        let envelope = envelope(octets[1])
        for run in octets[2...].split(at: 1...7) {
            switch run.first {
            case 1?: dialogue.request(envelope)
            case 2?: dialogue.probe(Mailbox(localPart: "probe", domain: "example.org"))
            case 3?: dialogue.sendContent()
            case 4?: dialogue.failContent()
            case 5?: dialogue.letTimePass()
            case 6?: dialogue.close()
            case 7?: dialogue.quit()
            default: dialogue.receive(ByteBuffer(bytes: run))
            }
        }
        dialogue.end()
    }

    private static func envelope(_ kind: UInt8) -> ClientEnvelope {
        var recipients = (0...(kind & 3)).map { Mailbox(localPart: "r\($0)", domain: "example.org") }
        if kind & 4 != 0 { recipients.append(Mailbox(localPart: "a>\r\nRSET", domain: "example.org")) }
        if kind & 8 != 0 { recipients.append(Mailbox(localPart: "\u{FC}", domain: "example.org")) }
        var envelope = ClientEnvelope(
            reversePath: kind & 16 != 0 ? .null : .mailbox(Mailbox(localPart: "a b", domain: "example.org")),
            recipients: recipients, size: kind & 32 != 0 ? 2_000_000 : 100, is8BitMIME: kind & 64 != 0)
        envelope.hasEightBitContent = kind & 64 != 0
        if kind & 128 != 0 {
            var dsn = DSNParameters(returned: .headers, envelopeID: "id")
            dsn[recipients[0]] = RecipientDSNParameters(notify: [.failure, .success])
            envelope.dsn = dsn
            envelope.isInternationalized = true
            envelope.hasEightBitHeader = true
        }
        return envelope
    }

    static var seeds: [[UInt8]] {
        let greeting = "220 mx.test\r\n"
        let hello = "250-mx.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250 SIZE 1000000\r\n"
        let secure = "250-mx.test\r\n250 STARTTLS\r\n"
        let sent = "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n\u{3}250 2.0.0 taken\r\n"
        let dialogues: [(UInt8, UInt8, String)] = [
            (0, 0, greeting + hello + "\u{1}" + sent + "\u{1}" + sent + "\u{7}221 bye\r\n"),
            (
                0, 0,
                greeting
                    + "250 mx\r\n\u{1}250 ok\r\n550 5.1.1 no\r\n\u{1}250 ok\r\n452 4.5.3 later\r\n"
                    + "\u{2}250 ok\r\n250 ok\r\n"
            ),
            (
                1, 3,
                greeting + hello + "\u{1}250 a\r\n250 b\r\n250 c\r\n550 d\r\n450 e\r\n354 go\r\n\u{3}250 f\r\n452 g\r\n"
            ),
            (2, 0, greeting + secure + "220 go\r\n" + hello + "\u{1}" + sent), (4, 0, greeting + "250 mx\r\n"),
            (4, 0, greeting + secure + "220 go\r\n" + hello + "\u{1}" + sent + "\u{7}"),
            (2, 0, greeting + secure + "454 no\r\n\u{1}\u{5}"), (0, 0, greeting + "502 no\r\n250 mx\r\n\u{1}" + sent),
            (8, 0, greeting + "250 relay.test\r\n"), (0, 12, greeting + hello + "\u{1}" + sent + "\u{6}"),
            (16, 97, greeting + hello + "\u{1}250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n\u{4}"),
            (0, 128, greeting + hello + "\u{1}250 ok\r\n250 ok\r\n354 go\r\n421 4.3.2 no\r\n"), (0, 0, "554 no\r\n"),
            (0, 0, greeting + hello + "\u{2}250 ok\r\n550 no\r\n\u{1}250 reset\r\n" + sent),
            (0, 0, greeting + hello + "\u{1}451 not now\r\n503 bad\r\n\u{1}" + sent),
        ]
        return dialogues.map { [$0, $1] + Array($2.utf8) }
    }
}
