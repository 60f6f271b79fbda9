// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceSMTP

@Suite("Command parser (RFC 5321 §4.1)")
struct CommandParserTests {
    private func parse(_ line: String) -> Result<SMTPCommand, CommandFault> { CommandParser.parse(Array(line.utf8)) }

    private static let alice = ReversePath.mailbox(Mailbox(localPart: "alice", domain: "example.org"))

    @Test(
        "well-formed commands, in any case and with white space at the end",
        arguments: [
            ("EHLO mx.example.org", SMTPCommand.hello(name: "mx.example.org", isExtended: true)),
            ("ehlo [192.0.2.1]", .hello(name: "[192.0.2.1]", isExtended: true)),
            ("HELO host_name", .hello(name: "host_name", isExtended: false)),
            ("MAIL FROM:<>", .mail(MailCommand(reversePath: .null))),
            ("mail from:<alice@EXAMPLE.org>", .mail(MailCommand(reversePath: alice))),
            ("MAIL FROM: <alice@example.org>", .mail(MailCommand(reversePath: alice))),
            ("MAIL FROM:<@a.test,@b.test:alice@example.org>", .mail(MailCommand(reversePath: alice))),
            ("MAIL FROM:<alice@example.org> SIZE=1000", .mail(MailCommand(reversePath: alice, size: 1000))),
            (
                "MAIL FROM:<alice@example.org> BODY=8BITMIME size=7 AUTH=<>",
                .mail(MailCommand(reversePath: alice, size: 7, is8BitMIME: true))
            ),
            ("MAIL FROM:<alice@example.org> body=7bit", .mail(MailCommand(reversePath: alice))),
            (
                "MAIL FROM:<alice@example.org> SIZE=99999999999999999999",
                .mail(MailCommand(reversePath: alice, size: .max))
            ),
            (
                "MAIL FROM:<alice@example.org> RET=hdrs ENVID=QQ+2B1",
                .mail(MailCommand(reversePath: alice, dsn: DSNParameters(returned: .headers, envelopeID: "QQ+2B1")))
            ),
            (
                "RCPT TO:<a@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@example.org",
                .recipient(
                    Mailbox(localPart: "a", domain: "example.org"),
                    dsn: RecipientDSNParameters(
                        notify: [.success, .delay], originalRecipient: "rfc822;b@example.org"))
            ),
            ("RCPT TO:<postmaster>", .recipient(Mailbox(localPart: "postmaster", domain: ""))),
            ("RCPT TO:<\"a b\"@example.org>", .recipient(Mailbox(localPart: "a b", domain: "example.org"))),
            ("DATA", .data), ("data  ", .data), ("RSET", .reset), ("NOOP", .noop), ("NOOP whatever", .noop),
            ("QUIT", .quit), ("HELP", .help), ("HELP MAIL", .help), ("VRFY alice", .verify), ("STARTTLS", .startTLS),
            ("AUTH plain", .authenticate(mechanism: "PLAIN", initialResponse: nil)),
            ("AUTH PLAIN AGEAYg==", .authenticate(mechanism: "PLAIN", initialResponse: Array("AGEAYg==".utf8))),
            ("AUTH LOGIN =", .authenticate(mechanism: "LOGIN", initialResponse: [])),
        ])
    func wellFormed(line: String, command: SMTPCommand) {
        #expect(parse(line) == .success(command))
    }

    @Test(
        "what is refused, and how",
        arguments: [
            ("", 500), ("FROBNICATE", 500), ("XAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 500), (" EHLO a", 500),
            ("EHLOx a", 500),
            ("GET / HTTP/1.1", 500), ("\u{1}\u{2}", 500), ("MAILFROM:<a@b>", 500),
            ("EXPN list", 502), ("BDAT 10 LAST", 502), ("TURN", 502), ("ETRN x", 502), ("SEND FROM:<a@b>", 502),
            ("EHLO", 501), ("HELO", 501), ("EHLO two words", 501), ("EHLO \u{1}", 501), ("EHLO b\u{fc}cher.test", 501),
            ("DATA now", 501), ("RSET x", 501), ("QUIT x", 501), ("STARTTLS x", 501), ("VRFY", 501), ("AUTH", 501),
            ("AUTH PLAIN a b", 501), ("AUTH AMECHANISMWITHALONGNAME", 501), ("AUTH P*", 501),
            ("MAIL", 501), ("MAIL FROM", 501), ("MAIL FROM:", 501), ("MAIL FROM:alice@example.org", 501),
            ("MAIL FROM:<alice>", 501), ("MAIL FROM:<postmaster>", 501), ("MAIL FROM:<a@b", 501),
            ("MAIL FROM:<a@b>SIZE=1", 501), ("MAIL FROM:<a@b> SIZE=", 501), ("MAIL FROM:<a@b> SIZE=-1", 501),
            ("MAIL FROM:<a@b> SIZE=1 SIZE=2", 501), ("MAIL FROM:<a@b> BODY=BINARYMIME", 501),
            ("MAIL FROM:<a@b> BODY", 501), ("MAIL FROM:<a@b> =1", 501), ("MAIL TO:<a@b>", 501),
            ("MAIL FROM:<a@b> AUTH=", 501), ("MAIL FROM:<a b@c>", 501), ("MAIL FROM:<a@[999.1.1.1]>", 501),
            ("RCPT TO:<>", 501), ("RCPT TO:<a>", 501), ("RCPT FROM:<a@b>", 501), ("RCPT TO:<a@b> <c@d>", 501),
            ("MAIL FROM:<a@b> SMTPUTF8", 555), ("MAIL FROM:<a@b> RET=HALF", 501), ("MAIL FROM:<a@b> RET", 501),
            ("MAIL FROM:<a@b> ENVID=+", 501), ("MAIL FROM:<a@b> ENVID=a=b", 501),
            ("RCPT TO:<a@b> NOTIFY=NEVER,DELAY", 501),
            ("RCPT TO:<a@b> NOTIFY", 501), ("RCPT TO:<a@b> NOTIFY=NEVER NOTIFY=NEVER", 501),
            ("RCPT TO:<a@b> ORCPT=a@b", 501), ("RCPT TO:<a@b> ORCPT=rfc822;a=b", 501), ("RCPT TO:<a@b> RET=FULL", 555),
            ("MAIL FROM:<a@b> NOTIFY=NEVER", 555),
            ("RCPT TO:<a@b> SIZE=1", 555),
            ("MAIL FROM:<b\u{fc}@example.org>", 553), ("RCPT TO:<a@b\u{fc}cher.test>", 553),
        ])
    func refused(line: String, code: Int) {
        switch parse(line) {
        case .success(let command): Issue.record("taken for \(command)")
        case .failure(let fault):
            #expect(fault.reply.code == code)
            #expect(fault.reply.enhanced?.statusClass == 5)
        }
    }

    @Test("a local-part of 64 octets is taken and one of 65 is not (RFC 5321 §4.5.3.1.1)", arguments: [64, 65])
    func localPartLimit(length: Int) {
        let line = "RCPT TO:<\(String(repeating: "a", count: length))@example.org>"
        if case .failure = parse(line) { #expect(length > 64) } else { #expect(length == 64) }
    }

    @Test("no line of random octets traps the parser")
    func randomOctets() {
        var generator = SeededGenerator(seed: 5)
        let starts = ["MAIL FROM:<", "RCPT TO:<", "EHLO ", "AUTH ", ""]
        for _ in 0..<5000 {
            let start = Array((starts.randomElement(using: &generator) ?? "").utf8)
            let rest = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
                Bool.random(using: &generator)
                    ? UInt8.random(in: 0...255, using: &generator)
                    : Array("<>@:,.\"\\=[] a".utf8).randomElement(using: &generator) ?? 0
            }
            switch CommandParser.parse(start + rest) {
            case .success: break
            case .failure(let fault): #expect(fault.reply.code >= 500)
            }
        }
    }
}
