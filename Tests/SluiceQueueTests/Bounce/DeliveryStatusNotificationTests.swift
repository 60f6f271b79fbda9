// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@testable import SluiceQueue

@Suite("Delivery status notification")
struct DeliveryStatusNotificationTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let sender = Mailbox(localPart: "author", domain: "example.org")

    private func bounced(_ name: String = "nobody", reply: Reply? = nil, reason: String = "no reason")
        -> NotifiedRecipient
    {
        NotifiedRecipient(
            mailbox: Mailbox(localPart: name, domain: "example.net"), status: EnhancedStatusCode(5, 1, 1), reply: reply,
            reason: reason, nextHop: "mail.example.net[192.0.2.1]:25", lastAttempt: now)
    }

    private func notification(
        _ recipients: [NotifiedRecipient], from reversePath: ReversePath? = nil,
        header: String = "Subject: hello\r\nFrom: a@b\r\n\r\n"
    ) -> DeliveryStatusNotification {
        DeliveryStatusNotification(
            hostname: "relay.example", queueID: "abc123", reversePath: reversePath ?? .mailbox(sender),
            arrival: now - .seconds(60), recipients: recipients,
            original: .header(HeaderSection.read(ByteBuffer(string: header)).header))
    }

    private func text(_ notification: DeliveryStatusNotification) -> String {
        notification.message(at: now, id: "id1", unique: "unique").map { String(buffer: $0.content) } ?? ""
    }

    @Test("a null reverse-path is never bounced")
    func nullReversePath() {
        #expect(notification([bounced()], from: .null).message(at: now, id: "id1", unique: "u") == nil)
    }

    @Test("ENVID and ORCPT are told as the sender meant them (RFC 3464 §2.2.1, 2.3.1)")
    func originalNames() {
        var recipient = bounced()
        recipient.original = "rfc822;Jos+E9+40x@example.org"
        var notification = notification([recipient, bounced("other")])
        notification.envelopeID = "QQ+2B1"
        let text = text(notification)
        #expect(text.contains("\r\nOriginal-Envelope-Id: QQ+1\r\n"))
        #expect(
            text.contains(
                "\r\nOriginal-Recipient: rfc822; Jos?@x@example.org\r\nFinal-Recipient: rfc822; nobody@example.net\r\n")
        )
        #expect(text.components(between: "Original-Recipient").count == 2)
    }

    @Test("a whole message comes back where it was asked for, delivery failed, and it is neither large nor in 8 bits")
    func wholeMessage() throws {
        let content = ByteBuffer(string: "Subject: hello\r\n\r\ngreen\r\n")
        let header = HeaderSection.read(content).header
        var whole = notification([bounced()])
        whole.original = .content(content, header)
        let failed = text(whole)
        #expect(
            failed.contains(
                "Content-Type: message/rfc822\r\n\r\nSubject: hello\r\n\r\ngreen\r\n"))
        whole.original = .content(ByteBuffer(string: "Subject: hello\r\n\r\ngr\u{FC}n\r\n"), header)
        #expect(text(whole).contains("Content-Type: text/rfc822-headers\r\n\r\nSubject: hello\r\n\r\n--"))
        whole.action = .relayed
        #expect(text(whole).contains("Content-Type: text/rfc822-headers\r\n\r\nSubject: hello\r\n\r\n--"))
        var large = content
        large.writeRepeatingByte(0x61, count: DeliveryStatusNotification.contentLimit)
        whole.action = .failed
        whole.original = .content(large, header)
        #expect(text(whole).utf8.count < 3000)
        whole.original = .nothing
        #expect(text(whole).contains("Content-Type: text/rfc822-headers\r\n\r\n\r\n--"))
    }

    @Test(
        "success is told with its own words and action",
        arguments: [
            (DeliveryStatusNotification.Action.relayed, "relayed", "was passed on for\r\nthis recipient"),
            (.delivered, "delivered", "was delivered to\r\nthis recipient"),
        ])
    func success(action: DeliveryStatusNotification.Action, word: String, words: String) {
        var notification = notification([bounced(reply: Reply(250, EnhancedStatusCode(2, 0, 0), "taken"))])
        notification.action = action
        let text = text(notification)
        #expect(text.contains("Action: \(word)\r\n") && text.contains(words))
        #expect(!text.contains("could not"))
    }

    @Test("it goes to the reverse-path, from the null reverse-path, and says that no person wrote it")
    func envelope() throws {
        let (envelope, content) = try #require(notification([bounced()]).message(at: now, id: "id1", unique: "u"))
        #expect(envelope.reversePath == .null)
        #expect(envelope.recipients == [sender])
        let message = try Message(MemoryContent(content))
        #expect(message.defects.isEmpty)
        #expect(message.header.first("Auto-Submitted")?.value == "auto-replied")
        #expect(message.header.first("To")?.value == "author@example.org")
        #expect(message.header.all("Message-ID").count == 1)
        #expect(
            message.header.first("Content-Type")?.value.hasPrefix("multipart/report; report-type=delivery-status;")
                == true)
    }

    @Test("it has three parts: for people, for programs, and the header section")
    func parts() {
        let reply = Reply(550, EnhancedStatusCode(5, 1, 1), "no such user")
        let text = text(notification([bounced(reply: reply)]))
        let parts = text.components(between: "--=_dsn_unique")
        #expect(parts.count == 5)
        #expect(parts[1].contains("Content-Type: text/plain"))
        #expect(parts[1].contains("<nobody@example.net>"))
        #expect(parts[1].contains("550 5.1.1 no such user"))
        #expect(parts[1].contains("abc123"))
        #expect(parts[2].contains("Content-Type: message/delivery-status"))
        for line in [
            "Reporting-MTA: dns; relay.example", "Final-Recipient: rfc822; nobody@example.net", "Action: failed",
            "Status: 5.1.1", "Remote-MTA: dns; mail.example.net",
            "Diagnostic-Code: smtp; 550 5.1.1 no such user", "Last-Attempt-Date: \(now.rfc5322)",
        ] {
            #expect(parts[2].contains("\r\n\(line)\r\n"), "\(line)")
        }
        #expect(parts[3].contains("Content-Type: text/rfc822-headers"))
        #expect(parts[3].contains("\r\n\r\nSubject: hello\r\nFrom: a@b\r\n"))
        #expect(parts[4] == "--\r\n")
    }

    @Test("each recipient has a block of its own")
    func blocks() {
        let text = text(notification((0..<200).map { bounced("r\($0)") }))
        for number in 0..<200 { #expect(text.contains("\r\n\r\nFinal-Recipient: rfc822; r\(number)@example.net\r\n")) }
        #expect(text.contains("and 150 more"))
    }

    @Test("every line ends in CRLF and is short, whatever others wrote")
    func lines() {
        let wild =
            String(repeating: "x", count: 3000) + "\r\nInjected: yes\u{0}\n" + String(repeating: "word ", count: 900)
        let reply = Reply(550, nil, lines: [wild])
        let bounces = [bounced(reply: reply), bounced(reason: wild)]
        let text = text(notification(bounces, header: "Subject: bare\nX: y\r\n\r\n"))
        let octets = Array(text.utf8)
        for (index, octet) in octets.enumerated() {
            if octet == 0x0A { #expect(index > 0 && octets[index - 1] == 0x0D) }
            if octet == 0x0D { #expect(index + 1 < octets.count && octets[index + 1] == 0x0A) }
        }
        #expect(text.utf8.split(separator: 0x0A).allSatisfy { $0.count < 998 })
        #expect(!text.contains("\nInjected"))
        #expect(text.utf8.count < 20_000)
    }

    @Test("a large header section is cut between fields")
    func largeHeader() {
        let header = (0..<5000).map { "X-\($0): \(String(repeating: "y", count: 50))\r\n" }.joined() + "\r\n"
        let text = text(notification([bounced()], header: header))
        #expect(text.utf8.count < DeliveryStatusNotification.headerLimit + 5000)
        #expect(text.contains("\r\nX-0: "))
        #expect(!text.contains("X-4999"))
    }

    @Test("a notice of delay says that nothing is lost yet, and until when it will be tried (RFC 3464 §2.3.3, 2.3.9)")
    func delayed() throws {
        var notification = notification([bounced(reason: "no answer")])
        notification.action = .delayed(until: now + .seconds(86400))
        let text = text(notification)
        #expect(text.contains("\r\nAction: delayed\r\n") && !text.contains("Action: failed"))
        #expect(text.contains("\r\nWill-Retry-Until: \((now + .seconds(86400)).rfc5322)\r\n"))
        #expect(text.contains("not yet be delivered") && text.contains("still being tried"))
        let subject = try Message(MemoryContent(text)).header.first("Subject")?.value
        #expect(subject?.hasPrefix("Delayed mail") == true)
        #expect(!self.text(self.notification([bounced()])).contains("Will-Retry-Until"))
    }

    @Test("it begins with a Received field of ours, with the id that it goes by")
    func received() {
        #expect(
            text(notification([bounced()])).hasPrefix("Received: by relay.example id id1;\r\n\t\(now.rfc5322)\r\n"))
    }

    @Test("it is 7-bit where the header section is, whatever a next hop said")
    func sevenBit() throws {
        let reply = Reply(550, nil, lines: ["niemand hei\u{DF}t so"])
        let (envelope, content) = try #require(
            notification([bounced(reply: reply), bounced(reason: "gr\u{FC}n")]).message(at: now, id: "i", unique: "u"))
        #expect(!envelope.is8BitMIME)
        #expect(content.readableBytesView.allSatisfy { $0 < 0x80 })
    }

    @Test("8-bit octets in the header section are declared and returned as they came")
    func eightBit() throws {
        let plain = try #require(notification([bounced()]).message(at: now, id: "id1", unique: "u"))
        #expect(!plain.envelope.is8BitMIME)
        let header = "Subject: gr\u{FC}n\r\n\r\n"
        let (envelope, content) = try #require(
            notification([bounced()], header: header).message(at: now, id: "id1", unique: "u"))
        #expect(envelope.is8BitMIME)
        let text = String(buffer: content)
        #expect(text.contains("Content-Transfer-Encoding: 8bit"))
        #expect(text.contains("Subject: gr\u{FC}n"))
    }
}

extension String {
    fileprivate func components(between separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
