// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// How the filter's side of the protocol behaves; the same for every connection of a listener.
package struct MilterServerConfiguration: Sendable {
    /// What the policy may do to messages; of that, what the MTA offers is agreed on.
    package var actions: MilterActions
    /// What we ask of the MTA; of that, what it offers is agreed on.
    package var steps: MilterSteps
    /// The macros that are asked for, where the MTA can be told.
    package var macroLists: [MilterMacroStep: [String]]
    /// The greatest length of a packet, in octets.
    package var packetLimit: Int
    /// How often an MTA that waits for the end of a message is told that we are still at work.
    package var progressInterval: TimeAmount
    /// How long nothing at all may come; MTAs keep a connection for as long as their client keeps its own.
    package var idleLimit: TimeAmount
    /// How long a packet may take from its first octet to its last, and the option negotiation after the connect.
    package var packetTimeLimit: TimeAmount

    package init(
        actions: MilterActions = .version6, steps: MilterSteps = MilterServerConfiguration.defaultSteps,
        macroLists: [MilterMacroStep: [String]] = MilterServerConfiguration.defaultMacroLists,
        packetLimit: Int = MilterFrameReader.defaultLimit, progressInterval: TimeAmount = .seconds(5),
        idleLimit: TimeAmount = .hours(2), packetTimeLimit: TimeAmount = .seconds(60)
    ) {
        self.actions = actions
        self.steps = steps
        self.macroLists = macroLists
        self.packetLimit = packetLimit
        self.progressInterval = progressInterval
        self.idleLimit = idleLimit
        self.packetTimeLimit = packetTimeLimit
    }

    /// Only MAIL, RCPT and the end of the message have to be answered: what else would refuse can wait for the next of
    /// them, and the MTA need not wait for us at every header field.
    package static let defaultSteps: MilterSteps = [
        .noUnknown, .noReplyForConnect, .noReplyForHelo, .noReplyForData, .noReplyForUnknown, .noReplyForHeader,
        .noReplyForEndOfHeader, .noReplyForBody, .skip, .leadingSpace,
    ]

    /// Where Postfix and Sendmail know them; what an MTA doesn't know it leaves out.
    package static let defaultMacroLists: [MilterMacroStep: [String]] = [
        .connect: ["j", "daemon_name", "client_name", "client_addr", "client_port", "client_ptr"],
        .helo: ["tls_version", "cipher", "cipher_bits", "cert_subject", "cert_issuer", "verify"],
        .mail: [
            "i", "auth_authen", "auth_type", "auth_author", "auth_ssf", "mail_addr", "mail_host", "mail_mailer",
        ],
        .recipient: ["rcpt_addr", "rcpt_host", "rcpt_mailer"],
        .data: ["i"],
        .endOfHeader: ["i"],
        .endOfMessage: ["i"],
    ]
}
