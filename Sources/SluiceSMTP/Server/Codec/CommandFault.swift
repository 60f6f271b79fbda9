// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Why a command line was not taken for a command.
package enum CommandFault: Error, Equatable, Sendable {
    /// The line is longer than the limit.
    case lineTooLong
    /// A CR without LF, an LF without CR, or a NUL: refused, as two programs may read it differently.
    case lineEnd
    case unknown
    /// A command that is known, but not offered here, such as EXPN.
    case notImplemented
    case syntax(String)
    case reversePath
    case forwardPath
    /// An address that is not ASCII, where SMTPUTF8 is not offered (RFC 6531 §3.5).
    case internationalized
    /// A parameter of MAIL or RCPT that is not offered.
    case parameter(String)
    case parameterValue(String)

    /// The reply that the client gets (RFC 5321 §4.2.4, RFC 3463 §3.6).
    package var reply: Reply {
        switch self {
        case .lineTooLong: Reply(500, EnhancedStatusCode(5, 5, 2), "line too long")
        case .lineEnd:
            Reply(500, EnhancedStatusCode(5, 5, 2), "a command ends in CR LF and holds no other CR, LF or NUL")
        case .unknown: Reply(500, EnhancedStatusCode(5, 5, 1), "command not recognized")
        case .notImplemented: Reply(502, EnhancedStatusCode(5, 5, 1), "command not implemented")
        case .syntax(let usage): Reply(501, EnhancedStatusCode(5, 5, 4), "syntax: \(usage)")
        case .reversePath: Reply(501, EnhancedStatusCode(5, 1, 7), "syntax: MAIL FROM:<address>")
        case .forwardPath: Reply(501, EnhancedStatusCode(5, 1, 3), "syntax: RCPT TO:<address>")
        case .internationalized: Reply(553, EnhancedStatusCode(5, 6, 7), "SMTPUTF8 is not offered")
        case .parameter(let name): Reply(555, EnhancedStatusCode(5, 5, 4), "parameter \(name) not recognized")
        case .parameterValue(let name): Reply(501, EnhancedStatusCode(5, 5, 4), "bad value of parameter \(name)")
        }
    }
}
