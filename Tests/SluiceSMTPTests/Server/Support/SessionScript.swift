// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceSMTP

/// Drives an ``SMTPSession`` without a channel: lines in, what it does out.
struct SessionScript {
    var session: SMTPSession

    init(
        limits: SMTPServerLimits = SMTPServerLimits(), startTLS: Bool = true, authentication: Bool = true,
        dsn: Bool = false
    ) throws {
        let address = try #require(IPAddress("192.0.2.1"))
        session = SMTPSession(
            offer: .init(
                hostname: "mx.test", limits: limits, startTLS: startTLS, authentication: authentication, dsn: dsn),
            client: ClientInfo(address: address, isExtended: false))
    }

    /// A session that is past its greeting, and past EHLO if wanted.
    static func begun(
        limits: SMTPServerLimits = SMTPServerLimits(), hello: Bool = true, tls: Bool = false
    ) throws -> SessionScript {
        var script = try SessionScript(limits: limits)
        if tls { script.session.tlsStarted(version: "TLSv1.3") }
        #expect(script.session.connectionDecided(nil).reply.code == 220)
        if hello { #expect(try script.code("EHLO client.test") == 250) }
        return script
    }

    mutating func on(_ line: String, isFollowed: Bool = false) -> OnCommand {
        switch CommandParser.parse(Array(line.utf8)) {
        case .success(let command): session.commandReceived(command, isFollowed: isFollowed)
        case .failure(let fault): .respond(session.commandRefused(fault))
        }
    }

    /// The response to a line; where a policy is asked, it accepts.
    mutating func response(_ line: String) throws -> SMTPResponse {
        try #require(session.expects == .command, "the session takes no command now")
        return switch on(line) {
        case .respond(let response), .startTLS(let response): response
        case .decideMail: session.mailDecided(nil)
        case .decideRecipient: session.recipientDecided(nil)
        case .decideContent: session.contentDecided(nil)
        case .checkCredentials: session.credentialsChecked(.accepted)
        }
    }

    mutating func code(_ line: String) throws -> Int { try response(line).reply.code }
}
