// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The replies that the session gives by itself (RFC 5321 §4.2.3, enhanced codes after RFC 3463).
enum SMTPReplies {
    static let ok = Reply(250, EnhancedStatusCode(2, 0, 0), "OK")
    static let senderAccepted = Reply(250, EnhancedStatusCode(2, 1, 0), "sender OK")
    static let recipientAccepted = Reply(250, EnhancedStatusCode(2, 1, 5), "recipient OK")
    static let beginContent = Reply(354, nil, "end the content with <CRLF>.<CRLF>")
    static let verify = Reply(252, EnhancedStatusCode(2, 1, 5), "cannot verify, but will take mail and try")
    static let help = Reply(
        214, EnhancedStatusCode(2, 0, 0),
        lines: ["EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT STARTTLS AUTH", "RFC 5321 says the rest"])
    static let startTLS = Reply(220, EnhancedStatusCode(2, 0, 0), "begin TLS")
    static let authenticated = Reply(235, EnhancedStatusCode(2, 7, 0), "authenticated")

    static let wantsHello = outOfOrder("EHLO first")
    static let wantsMail = outOfOrder("MAIL first")
    static let wantsRecipient = outOfOrder("RCPT first")
    static let inTransaction = outOfOrder("not during a transaction")
    static let alreadyTLS = outOfOrder("TLS is in use already")
    static let alreadyAuthenticated = outOfOrder("authenticated already")
    static let noValidRecipient = Reply(554, EnhancedStatusCode(5, 5, 1), "no valid recipient")
    static let notImplemented = CommandFault.notImplemented.reply
    static let unknownMechanism = Reply(504, EnhancedStatusCode(5, 5, 4), "mechanism not offered")
    static let encryptionRequired = Reply(538, EnhancedStatusCode(5, 7, 11), "encryption required: STARTTLS first")
    static let injection = Reply(554, EnhancedStatusCode(5, 5, 0), "STARTTLS must be the last command of a group")
    static let tooManyRecipients = Reply(452, EnhancedStatusCode(4, 5, 3), "too many recipients")
    static let doubtfulEnd = Reply(421, EnhancedStatusCode(4, 7, 0), "the end of the message is in doubt, closing")
    static let tooManyErrors = Reply(421, EnhancedStatusCode(4, 7, 0), "too many errors")
    static let timedOut = Reply(421, EnhancedStatusCode(4, 4, 2), "timed out")
    static let shuttingDown = Reply(421, EnhancedStatusCode(4, 3, 2), "shutting down")
    static let localError = Reply(451, EnhancedStatusCode(4, 3, 0), "local error, try again later")
    static let credentialsUnavailable = Reply(454, EnhancedStatusCode(4, 7, 0), "cannot check credentials now")

    private static func outOfOrder(_ text: String) -> Reply { Reply(503, EnhancedStatusCode(5, 5, 1), text) }
}
