// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension SMTPSession {
    /// AUTH is once a session, not during a transaction (RFC 4954 §4), and only under TLS.
    mutating func authenticateReceived(_ mechanism: String, _ initialResponse: [UInt8]?) -> OnCommand {
        if !offer.authentication { return .respond(respond(SMTPReplies.notImplemented)) }
        if client.helo == nil || !client.isExtended { return .respond(respond(SMTPReplies.wantsHello)) }
        if client.tls == nil { return .respond(respond(SMTPReplies.encryptionRequired)) }
        if client.login != nil { return .respond(respond(SMTPReplies.alreadyAuthenticated)) }
        if transaction != nil { return .respond(respond(SMTPReplies.inTransaction)) }
        guard var exchange = AuthenticationExchange(mechanism: mechanism) else {
            return .respond(respond(SMTPReplies.unknownMechanism))
        }
        let step = exchange.begin(initialResponse: initialResponse)
        switch take(step, of: exchange) {
        case .respond(let response): return .respond(response)
        case .checkCredentials(let credentials): return .checkCredentials(credentials)
        }
    }

    /// A line of the AUTH exchange in progress was read, without its CRLF.
    package mutating func authenticationLineReceived(_ line: [UInt8]) -> OnAuthenticationLine {
        guard case .authenticating(var exchange) = phase else { preconditionFailure("no AUTH exchange in progress") }
        let step = exchange.lineReceived(line)
        return take(step, of: exchange)
    }

    private mutating func take(
        _ step: AuthenticationExchange.Step, of exchange: AuthenticationExchange
    ) -> OnAuthenticationLine {
        switch step {
        case .challenge(let reply):
            phase = .authenticating(exchange)
            return .respond(SMTPResponse(reply))
        case .fail(let reply):
            phase = .ready
            return .respond(respond(reply))
        case .check(let credentials):
            phase = .checkingCredentials(login: credentials.login, mechanism: exchange.mechanism)
            return .checkCredentials(credentials)
        }
    }

    package mutating func credentialsChecked(_ outcome: AuthenticationOutcome) -> SMTPResponse {
        guard case .checkingCredentials(let login, let mechanism) = phase else {
            preconditionFailure("no credentials to check")
        }
        phase = .ready
        switch outcome {
        case .accepted:
            client.login = login
            client.mechanism = mechanism
            return respond(SMTPReplies.authenticated)
        case .refused: return respond(AuthenticationExchange.refused)
        case .unavailable: return respond(SMTPReplies.credentialsUnavailable)
        }
    }
}
