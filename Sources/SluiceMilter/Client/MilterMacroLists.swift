// SPDX-License-Identifier: Apache-2.0

/// Which macros are told at which step.
struct MilterMacroLists: Hashable, Sendable {
    /// What Sendmail (`confMILTER_MACROS_…`) and Postfix (`milter_…_macros`) tell unless they are configured otherwise,
    /// and the client's address, which Postfix' documentation has people add.
    static let usual: [MilterMacroStep: [String]] = [
        .connect: [
            "j", "_", "v", "daemon_name", "daemon_addr", "if_name", "if_addr", "client_addr", "client_name",
            "client_port", "client_ptr",
        ],
        .helo: ["tls_version", "cipher", "cipher_bits", "cert_subject", "cert_issuer"],
        .mail: [
            "i", "auth_type", "auth_authen", "auth_ssf", "auth_author", "mail_mailer", "mail_host", "mail_addr",
        ],
        .recipient: ["i", "rcpt_mailer", "rcpt_host", "rcpt_addr"],
        .data: ["i"],
        .endOfHeader: ["i"],
        .endOfMessage: ["i", "msg_id"],
    ]

    /// What the filter asked for (SMFIF_SETSYMLIST).
    private let own: [MilterMacroStep: [String]]

    init(_ own: [MilterMacroStep: [String]] = [:]) { self.own = own }

    /// Of these macros those that are told at the step; what is not known is left out.
    func selected(_ step: MilterMacroStep, from macros: MilterMacros) -> MilterMacros {
        var selected = MilterMacros()
        for name in own[step] ?? Self.usual[step] ?? [] {
            if let value = macros[name] { selected.set(name, to: value) }
        }
        return selected
    }
}
