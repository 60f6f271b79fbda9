// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Whom we take mail for, and from whom: the closed relay. Pure; asked at each RCPT.
package struct RelayPolicy: Sendable {
    package var relay: RelayConfiguration

    package init(_ relay: RelayConfiguration) { self.relay = relay }

    package enum Decision: Equatable, Sendable {
        /// Taken, as this mailbox (`<postmaster>` gets its domain).
        case accept(Mailbox)
        case refuse(Reply)
        /// Whether it exists is the next hop's to say.
        case ask(Mailbox)
    }

    /// Judges a recipient.
    ///
    /// - Parameter isTrusted: whether the client is in a trusted network or has logged in. The reverse-path, address
    ///   literals and what the client calls itself give no right.
    package func judge(_ recipient: Mailbox, isTrusted: Bool) -> Decision {
        if recipient.domain.isEmpty {
            guard let postmaster = relay.postmaster else {
                return .refuse(Reply(550, EnhancedStatusCode(5, 1, 1), "there is no postmaster here"))
            }
            return .accept(postmaster)
        }
        // A local-part that names another hop (RFC 5321 §3.6.1 lets us refuse): a next hop behind us might route by it.
        if !isTrusted, recipient.localPart.utf8.contains(where: { $0 == 0x25 || $0 == 0x21 || $0 == 0x40 }) {
            return .refuse(Reply(550, EnhancedStatusCode(5, 7, 1), "relaying by source routes is not offered"))
        }
        if let domain = relay.domains[recipient.domain] { return judge(recipient, in: domain) }
        guard isTrusted else {
            return .refuse(
                Reply(550, EnhancedStatusCode(5, 7, 1), "relaying denied: \(recipient.domain) is none of our domains"))
        }
        guard relay.defaultRoute != nil else {
            return .refuse(Reply(550, EnhancedStatusCode(5, 4, 4), "there is no route to \(recipient.domain)"))
        }
        return .accept(recipient)
    }

    private func judge(_ recipient: Mailbox, in domain: RelayConfiguration.RelayDomain) -> Decision {
        if recipient.isPostmaster { return .accept(recipient) }
        switch domain.recipients {
        case .any: return .accept(recipient)
        case .nextHop: return .ask(recipient)
        case .listed(let mailboxes):
            let folded = Mailbox(localPart: recipient.localPart.asciiLowercased(), domain: recipient.domain)
            return mailboxes.contains(folded)
                ? .accept(recipient) : .refuse(Reply(550, EnhancedStatusCode(5, 1, 1), "there is no such mailbox here"))
        }
    }
}
