// SPDX-License-Identifier: Apache-2.0

/// Where a notification about a message would go (RFC 5321 §3.3, 4.5.5).
package enum ReversePath: Hashable, Sendable {
    /// `<>`: the sender of notifications; nothing is ever returned to it.
    case null
    case mailbox(Mailbox)

    package var mailbox: Mailbox? {
        switch self {
        case .null: nil
        case .mailbox(let mailbox): mailbox
        }
    }

    /// The path without angle brackets; empty for the null reverse-path.
    package var written: String { mailbox?.written ?? "" }
}

extension ReversePath: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        self = text.isEmpty ? .null : .mailbox(try Mailbox(from: decoder))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(written)
    }
}

/// The envelope: who sent a message, to whom, and what was declared of its content (RFC 5321 §2.3.1).
package struct Envelope: Hashable, Sendable, Codable {
    package var reversePath: ReversePath
    /// In the order of the `RCPT` commands, without repeats.
    package var recipients: [Mailbox]
    /// Whether `BODY=8BITMIME` was declared (RFC 6152).
    package var is8BitMIME: Bool
    /// Whether `SMTPUTF8` was declared (RFC 6531).
    package var isInternationalized: Bool
    /// What is asked of notifications (RFC 3461), if anything is.
    package var dsn: DSNParameters?

    package init(
        reversePath: ReversePath, recipients: [Mailbox], is8BitMIME: Bool = false, isInternationalized: Bool = false,
        dsn: DSNParameters? = nil
    ) {
        self.reversePath = reversePath
        self.recipients = recipients
        self.is8BitMIME = is8BitMIME
        self.isInternationalized = isInternationalized
        self.dsn = dsn
    }

    /// The envelope with these edits made, in their order: a recipient that is deleted and added again is there. Edits of
    /// the content do not concern it.
    package func applying(_ edits: [MessageEdit]) -> Envelope {
        var edited = self
        for edit in edits {
            switch edit {
            case .changeReversePath(let path, let parameters):
                edited.reversePath = path
                if let parameters { edited.changeDSN { $0.take(parameters) } }
            case .addRecipient(let mailbox, let parameters):
                if edited.recipients.contains(mailbox) { continue }
                edited.recipients.append(mailbox)
                if let parameters { edited.changeDSN { $0[mailbox] = RecipientDSNParameters(parameters) } }
            case .deleteRecipient(let mailbox):
                edited.recipients.removeAll { $0 == mailbox }
                if edited.dsn != nil { edited.changeDSN { $0[mailbox] = RecipientDSNParameters() } }
            case .addField, .changeField, .deleteField, .replaceBody: continue
            }
        }
        return edited
    }

    /// Takes back that anybody is to be told of success.
    package mutating func forgetSuccess() {
        guard dsn != nil else { return }
        changeDSN { [recipients] dsn in
            for recipient in recipients { dsn[recipient].notify?.remove(.success) }
        }
    }

    /// Changes what is asked of notifications.
    package mutating func changeDSN(_ body: (inout DSNParameters) -> Void) {
        var changed = dsn ?? DSNParameters()
        body(&changed)
        dsn = changed.isEmpty ? nil : changed
    }
}

/// What is known of the client of a session.
package struct ClientInfo: Hashable, Sendable, Codable {
    package var address: IPAddress
    /// The name that the address resolves to and back (`iprev`, RFC 8601 §3), if it was looked up.
    package var name: String?
    /// What the client called itself in EHLO or HELO.
    package var helo: String?
    /// The account that it authenticated as.
    package var login: String?
    /// The mechanism by which it did so (RFC 4954), such as `PLAIN`.
    package var mechanism: String?
    /// The TLS version and cipher, such as `TLSv1.3 TLS_AES_128_GCM_SHA256`.
    package var tls: String?
    /// Whether the session announced EHLO (then the trace says ESMTP).
    package var isExtended: Bool

    package init(
        address: IPAddress, name: String? = nil, helo: String? = nil, login: String? = nil,
        mechanism: String? = nil, tls: String? = nil, isExtended: Bool = true
    ) {
        self.address = address
        self.name = name
        self.helo = helo
        self.login = login
        self.mechanism = mechanism
        self.tls = tls
        self.isExtended = isExtended
    }
}
