// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import NIOSSL

/// The TLS contexts of the client side, made once: they are costly.
package struct ClientTLSContexts: Sendable {
    /// Verifies nothing (RFC 7435): for opportunistic TLS.
    let unverified: NIOSSLContext
    /// Verifies certificate and name.
    let verified: NIOSSLContext

    /// - Parameter trustRoots: who may certify a next hop where TLS is required.
    /// - Throws: what NIOSSL says of the trust roots.
    package init(trustRoots: NIOSSLTrustRoots = .default) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.trustRoots = trustRoots
        verified = try NIOSSLContext(configuration: configuration)
        configuration.trustRoots = nil
        configuration.certificateVerification = .none
        configuration.minimumTLSVersion = .tlsv1
        unverified = try NIOSSLContext(configuration: configuration)
    }
}

/// How long the client waits (RFC 5321 §4.5.3.2).
package struct ClientTimeouts: Hashable, Sendable {
    package var connect: Duration
    /// For the greeting, each reply but the last, the handshake, and each part of the content to be taken.
    package var command: Duration
    /// For the reply to the final dot.
    package var finalReply: Duration

    /// - Parameter command: the reply to the final dot may take twice as long.
    package init(connect: Duration = .seconds(30), command: Duration = .seconds(300), finalReply: Duration? = nil) {
        self.connect = connect
        self.command = command
        self.finalReply = finalReply ?? command * 2
    }
}

/// How sessions with a next hop are held.
package struct ClientConfiguration: Sendable {
    package var kind: ClientStateMachine.Kind
    /// Our name, for EHLO: a domain or an address literal.
    package var greetingName: String
    package var tls: ClientTLSMode
    package var contexts: ClientTLSContexts
    package var timeouts: ClientTimeouts
    /// The local address to connect from; `nil`: the system's choice.
    package var source: SocketAddress?
    /// Whether a next hop that goes by our name is taken for ourselves (one that MX records led to).
    package var refusesOwnName: Bool
    /// Whether PIPELINING is made use of where it is offered.
    package var usesPipelining = true

    package init(
        kind: ClientStateMachine.Kind = .smtp, greetingName: String, tls: ClientTLSMode = .opportunistic,
        contexts: ClientTLSContexts, timeouts: ClientTimeouts = ClientTimeouts(), source: SocketAddress? = nil,
        refusesOwnName: Bool = false
    ) {
        self.refusesOwnName = refusesOwnName
        self.source = source
        self.kind = kind
        self.greetingName = greetingName
        self.tls = tls
        self.contexts = contexts
        self.timeouts = timeouts
    }
}
