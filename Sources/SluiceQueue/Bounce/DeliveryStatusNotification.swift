// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore

/// Builds the notification that tells a sender which recipients a message could not be delivered to, or not yet, or that
/// it was (RFC 3464): a text for people, the same for programs, and the header section of the message or all of it, as a
/// `multipart/report` (RFC 6522).
///
/// It is bounded: the header section is cut at ``headerLimit``, words that others wrote at ``textLimit``, and a whole
/// message comes back only up to ``contentLimit``. It goes out
/// with the null reverse-path, so that nothing ever answers it; and there is none for a message that has it
/// (RFC 5321 §4.5.5).
package struct DeliveryStatusNotification: Sendable {
    /// The most octets of the original header section that are returned.
    package static let headerLimit = 65536
    /// The most octets of a message that comes back whole.
    package static let contentLimit = 128 << 10
    /// The most characters of a reply or a reason that are told.
    package static let textLimit = 1000
    /// The most recipients that the text for people names; the part for programs names all.
    package static let namedLimit = 50

    /// What it tells of (RFC 3464 §2.3.3).
    package enum Action: Hashable, Sendable {
        case failed
        /// It will be tried until then.
        case delayed(until: Timestamp)
        /// A next hop that tells nobody of success has taken it over (RFC 3461 §5.2.2).
        case relayed
        /// It is in the mailbox (RFC 3461 §5.2.3).
        case delivered

        var word: String {
            switch self {
            case .failed: "failed"
            case .delayed: "delayed"
            case .relayed: "relayed"
            case .delivered: "delivered"
            }
        }

        var subject: String {
            switch self {
            case .failed: "Undelivered mail returned to sender"
            case .delayed: "Delayed mail, which is still being tried"
            case .relayed: "Mail passed on"
            case .delivered: "Mail delivered"
            }
        }
    }

    /// What comes back of the message.
    package enum Original: Sendable {
        /// It can't be read.
        case nothing
        case header(HeaderSection)
        /// All of it: only where delivery failed (RFC 3461 §4.3).
        case content(ByteBuffer, HeaderSection)
    }

    /// Our name: the `Reporting-MTA`, and the domain of the author.
    package var hostname: String
    /// Names the original in our log and trace.
    package var queueID: String
    package var action: Action
    package var reversePath: ReversePath
    /// The sender's own name for the transaction (ENVID, RFC 3461 §4.4), as xtext.
    package var envelopeID: String?
    package var arrival: Timestamp
    package var recipients: [NotifiedRecipient]
    package var original: Original

    package init(
        hostname: String, queueID: String, action: Action = .failed, reversePath: ReversePath,
        envelopeID: String? = nil, arrival: Timestamp, recipients: [NotifiedRecipient], original: Original
    ) {
        self.hostname = hostname
        self.queueID = queueID
        self.action = action
        self.reversePath = reversePath
        self.envelopeID = envelopeID
        self.arrival = arrival
        self.recipients = recipients
        self.original = original
    }

    /// The notification as a message: envelope and content.
    ///
    /// - Parameters:
    ///   - now: its date.
    ///   - id: the id that it goes by here.
    ///   - unique: what makes the Message-ID and the boundary unlike any other: letters and digits, hard to guess, so
    ///     that no returned header field can hold the boundary.
    /// - Returns: `nil` where the original has the null reverse-path: then nobody is to be told.
    package func message(at now: Timestamp, id: String, unique: String) -> (envelope: Envelope, content: ByteBuffer)? {
        guard let sender = reversePath.mailbox else { return nil }
        let boundary = "=_dsn_\(unique)"
        let (type, returned) = returned()
        let internationalized = !recipients.allSatisfy { $0.mailbox.written.isASCII } || !sender.written.isASCII
        let is8Bit = internationalized || returned.readableBytesView.contains { $0 >= 0x80 }
        var content = ByteBuffer()
        content.writeString(
            """
            Received: by \(hostname) id \(id);\r
            \t\(now.rfc5322)\r
            From: Mail Delivery System <MAILER-DAEMON@\(hostname)>\r
            To: \(sender.written)\r
            Date: \(now.rfc5322)\r
            Message-ID: <\(unique)@\(hostname)>\r
            Subject: \(action.subject)\r
            Auto-Submitted: auto-replied\r
            MIME-Version: 1.0\r
            Content-Type: multipart/report; report-type=delivery-status;\r
            \tboundary="\(boundary)"\r
            \(is8Bit ? "Content-Transfer-Encoding: 8bit\r\n" : "")\r
            --\(boundary)\r
            Content-Type: text/plain; charset=utf-8\r
            \(is8Bit ? "Content-Transfer-Encoding: 8bit\r\n" : "")\r\n
            """)
        writeText(into: &content, asciiOnly: !is8Bit)
        content.writeString(
            """
            \r
            --\(boundary)\r
            Content-Type: message/\(internationalized ? "global-" : "")delivery-status\r
            \(internationalized ? "Content-Transfer-Encoding: 8bit\r\n" : "")\r\n
            """)
        writeStatus(into: &content)
        content.writeString(
            """
            \r
            --\(boundary)\r
            Content-Type: \(type)\r
            \(is8Bit ? "Content-Transfer-Encoding: 8bit\r\n" : "")\r\n
            """)
        content.writeImmutableBuffer(returned)
        content.writeString("\r\n--\(boundary)--\r\n")
        let envelope = Envelope(
            reversePath: .null, recipients: [sender], is8BitMIME: is8Bit, isInternationalized: internationalized)
        return (envelope, content)
    }

    /// The part for people.
    private func writeText(into content: inout ByteBuffer, asciiOnly: Bool) {
        let one = recipients.count == 1
        let whom = one ? "this recipient" : "these recipients"
        content.writeString("This is the mail relay at \(hostname).\r\n\r\nYour message of \(arrival.rfc5322) ")
        switch action {
        case .failed: content.writeString("could not be delivered to\r\n\(whom). It will not be tried again.\r\n\r\n")
        case .delayed(let until):
            content.writeString(
                """
                could not yet be delivered to\r
                \(whom). It is still being tried, until \(until.rfc5322).\r
                There is no need to send it again.\r
                \r\n
                """)
        case .relayed:
            content.writeString(
                """
                was passed on for\r
                \(whom), to a mail server that sends no\r
                notice of delivery: you will hear of a failure at most.\r
                \r\n
                """)
        case .delivered: content.writeString("was delivered to\r\n\(whom).\r\n\r\n")
        }
        for recipient in recipients.prefix(Self.namedLimit) {
            content.writeString("<\(recipient.mailbox.written)>\r\n")
            let words = recipient.reply.map { "\(recipient.nextHop ?? "The next hop") answered: \($0)" }
            for line in Self.wrapped(words ?? recipient.reason, asciiOnly: asciiOnly) {
                content.writeString("    \(line)\r\n")
            }
        }
        if recipients.count > Self.namedLimit {
            content.writeString("and \(recipients.count - Self.namedLimit) more, named in the second part\r\n")
        }
        content.writeString("\r\nThe id to ask for is \(queueID).\r\n")
    }

    /// The part for programs: a block about the message, then one for each recipient (RFC 3464 §2.2, 2.3).
    private func writeStatus(into content: inout ByteBuffer) {
        if let name = envelopeID.flatMap({ XText.decode($0) }) {
            content.writeString("Original-Envelope-Id: \(Self.wrapped(name).joined(separator: "\r\n\t"))\r\n")
        }
        content.writeString(
            "Reporting-MTA: dns; \(hostname)\r\nX-Queue-ID: \(queueID)\r\nArrival-Date: \(arrival.rfc5322)\r\n")
        for recipient in recipients {
            let type = recipient.mailbox.written.isASCII ? "rfc822" : "utf-8"
            content.writeString("\r\n")
            if let (type, address) = recipient.original.flatMap({ RecipientDSNParameters.decodedOriginalRecipient($0) })
            {
                content.writeString(
                    "Original-Recipient: \(type); \(Self.wrapped(address).joined(separator: "\r\n\t"))\r\n")
            }
            content.writeString(
                """
                Final-Recipient: \(type); \(recipient.mailbox.written)\r
                Action: \(action.word)\r
                Status: \(recipient.status)\r\n
                """)
            if let nextHop = recipient.nextHop {
                // The name, or where there is none the address, of `name[address]:port`.
                let name = nextHop.prefix { $0 != "[" }
                let host = name.isEmpty ? nextHop.prefix { $0 != "]" } + "]" : name
                content.writeString("Remote-MTA: dns; \(Self.wrapped(String(host)).joined())\r\n")
            }
            let diagnostic = recipient.reply.map { "smtp; \($0)" } ?? "x-sluice; \(recipient.reason)"
            content.writeString(
                "Diagnostic-Code: \(Self.wrapped(diagnostic, asciiOnly: type == "rfc822").joined(separator: "\r\n\t"))\r\n"
            )
            if let time = recipient.lastAttempt { content.writeString("Last-Attempt-Date: \(time.rfc5322)\r\n") }
            if case .delayed(let until) = action { content.writeString("Will-Retry-Until: \(until.rfc5322)\r\n") }
        }
    }

    /// What comes back, and its media type.
    private func returned() -> (type: String, ByteBuffer) {
        switch original {
        case .nothing: ("text/rfc822-headers", ByteBuffer())
        // A notification that its own next hop refuses tells nobody, so it is kept small and in seven bits.
        case .content(let content, _)
        where action == .failed && content.readableBytes <= Self.contentLimit
            && !content.readableBytesView.contains(where: { $0 >= 0x80 }):
            ("message/rfc822", content)
        case .header(let header), .content(_, let header): ("text/rfc822-headers", Self.returned(header))
        }
    }

    /// A header section with CRLF at every line's end, cut at a field's end.
    private static func returned(_ header: HeaderSection) -> ByteBuffer {
        var octets = ByteBuffer()
        for field in header.fields {
            guard octets.readableBytes + field.raw.readableBytes <= headerLimit else { break }
            for line in field.raw.readableBytesView.split(
                separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
            {
                octets.writeBytes(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
                octets.writeString("\r\n")
            }
        }
        return octets
    }

    /// Lines of at most 72 characters where there are spaces to break at, of 500 at most, without control characters.
    private static func wrapped(_ text: String, asciiOnly: Bool = false) -> [String] {
        var lines: [String] = []
        var line = ""
        var length = 0
        let scalars = text.unicodeScalars.prefix(textLimit)
        for word in scalars.split(omittingEmptySubsequences: true, whereSeparator: { $0.value <= 32 }) {
            for start in stride(from: 0, to: word.count, by: 500) {
                let piece = word.dropFirst(start).prefix(500).map { scalar in
                    scalar.value == 127 || (asciiOnly && !scalar.isASCII) ? Unicode.Scalar(UInt8(ascii: "?")) : scalar
                }
                if length > 0, length + 1 + piece.count > 72 {
                    lines.append(line)
                    line = ""
                    length = 0
                }
                if length > 0 { line += " " }
                line.unicodeScalars.append(contentsOf: piece)
                length += piece.count + 1
            }
        }
        return lines + [line]
    }
}

extension String {
    var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }
}
