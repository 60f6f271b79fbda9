// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// One AUTH exchange, from the command to the credentials (RFC 4954 §4); PLAIN (RFC 4616) and LOGIN.
///
/// LOGIN has no RFC; it asks for the two in turn, with the challenges `Username:` and `Password:` that clients expect.
package struct AuthenticationExchange: Equatable, Sendable {
    package enum Step: Equatable, Sendable {
        /// Ask on with this 334.
        case challenge(Reply)
        case check(Credentials)
        /// The exchange is over without credentials.
        case fail(Reply)
    }

    private enum State: Equatable {
        case plain
        case loginName
        case loginPassword(name: String)
    }

    /// The mechanisms, as EHLO announces them.
    package static let mechanisms = ["PLAIN", "LOGIN"]

    package let mechanism: String
    private var state: State

    /// Begins an exchange; `nil` where the mechanism is none of ``mechanisms``.
    package init?(mechanism: String) {
        switch mechanism {
        case "PLAIN": state = .plain
        case "LOGIN": state = .loginName
        default: return nil
        }
        self.mechanism = mechanism
    }

    /// The first step, with the initial response if the command had one (base64).
    package mutating func begin(initialResponse: [UInt8]?) -> Step {
        if let initialResponse { return respond(to: initialResponse) }
        switch state {
        case .plain: return .challenge(Reply(334, nil, ""))
        case .loginName: return .challenge(Reply(334, nil, "VXNlcm5hbWU6"))
        case .loginPassword: preconditionFailure("an exchange begins once")
        }
    }

    /// The client's line, without CRLF; `*` cancels.
    package mutating func lineReceived(_ line: [UInt8]) -> Step {
        if line == [UInt8(ascii: "*")] {
            return .fail(Reply(501, EnhancedStatusCode(5, 7, 0), "authentication cancelled"))
        }
        return respond(to: line)
    }

    private mutating func respond(to text: [UInt8]) -> Step {
        guard let octets = Base64Decoder.decode(text) else {
            return .fail(Reply(501, EnhancedStatusCode(5, 5, 2), "cannot decode the base64"))
        }
        switch state {
        case .plain: return Self.plain(octets)
        case .loginName:
            guard let name = Self.text(octets) else { return Self.malformed }
            state = .loginPassword(name: name)
            return .challenge(Reply(334, nil, "UGFzc3dvcmQ6"))
        case .loginPassword(let name):
            guard let password = Self.text(octets) else { return Self.malformed }
            return .check(Credentials(login: name, password: password))
        }
    }

    /// `[authzid] NUL authcid NUL passwd` (RFC 4616 §2). To act as another is refused.
    private static func plain(_ octets: [UInt8]) -> Step {
        let parts = octets.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.count == 3, let login = text(Array(parts[1])), let password = text(Array(parts[2])) else {
            return malformed
        }
        guard parts[0].isEmpty || parts[0] == parts[1] else { return .fail(refused) }
        return .check(Credentials(login: login, password: password))
    }

    private static func text(_ octets: [UInt8]) -> String? {
        guard !octets.isEmpty, !octets.contains(0) else { return nil }
        return String(validating: octets, as: UTF8.self)
    }

    private static let malformed = Step.fail(Reply(501, EnhancedStatusCode(5, 5, 2), "malformed credentials"))
    static let refused = Reply(535, EnhancedStatusCode(5, 7, 8), "authentication failed")
}
