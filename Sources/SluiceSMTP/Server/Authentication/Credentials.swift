// SPDX-License-Identifier: Apache-2.0

/// A login and its password, as a client gave them. Printing it, in whatever way, shows no password.
package struct Credentials: Equatable, Sendable {
    package let login: String
    package let password: String

    package init(login: String, password: String) {
        self.login = login
        self.password = password
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "Credentials(\(login))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["login": login]) }
}

/// What came of a check of credentials.
package enum AuthenticationOutcome: Equatable, Sendable {
    case accepted
    case refused
    /// They could not be checked; the client is to try again later.
    case unavailable
}
