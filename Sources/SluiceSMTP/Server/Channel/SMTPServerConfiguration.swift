// SPDX-License-Identifier: Apache-2.0
package import NIOSSL

/// What a listener's sessions have in common.
package struct SMTPServerConfiguration: Sendable {
    /// Our name in the greeting.
    package var hostname: String
    package var limits: SMTPServerLimits
    /// The certificate; STARTTLS is offered where there is one.
    package var tls: NIOSSLContext?
    /// Whether TLS begins with the first octet (RFC 8314 §3.3, port 465). Needs `tls`.
    package var isImplicitTLS: Bool
    /// Whether there are users, so that AUTH is offered under TLS.
    package var offersAuthentication: Bool
    /// Whether DSN is offered before a login too (RFC 3461).
    package var offersDSN: Bool

    package init(
        hostname: String, limits: SMTPServerLimits = SMTPServerLimits(), tls: NIOSSLContext? = nil,
        isImplicitTLS: Bool = false, offersAuthentication: Bool = false, offersDSN: Bool = false
    ) {
        self.hostname = hostname
        self.limits = limits
        self.tls = tls
        self.isImplicitTLS = isImplicitTLS
        self.offersAuthentication = offersAuthentication
        self.offersDSN = offersDSN
    }

    var offer: SMTPSession.Offer {
        SMTPSession.Offer(
            hostname: hostname, limits: limits, startTLS: tls != nil, authentication: offersAuthentication,
            dsn: offersDSN)
    }
}
