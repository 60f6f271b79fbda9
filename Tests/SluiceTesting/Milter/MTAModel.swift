// SPDX-License-Identifier: Apache-2.0

/// Whose habits the MTA has: where they differ is written in `docs/milter.md`.
package enum MTAModel: String, CaseIterable, Sendable {
    case postfix
    case sendmail

    /// The symbols whose values it tells at each step where the milter asked for no others.
    package func symbols(at step: MTAStep) -> [String] {
        switch (self, step) {
        case (.postfix, .connect): ["j", "{daemon_name}", "{daemon_addr}", "v"]
        case (.postfix, .helo): ["{tls_version}", "{cipher}", "{cipher_bits}", "{cert_subject}", "{cert_issuer}"]
        case (.postfix, .mail):
            [
                "i", "{auth_type}", "{auth_authen}", "{auth_author}", "{mail_addr}", "{mail_host}", "{mail_mailer}",
            ]
        case (.postfix, .recipient): ["i", "{rcpt_addr}", "{rcpt_host}", "{rcpt_mailer}"]
        case (.postfix, .data), (.postfix, .endOfHeader), (.postfix, .endOfMessage): ["i"]
        case (.sendmail, .connect): ["j", "_", "{daemon_name}", "{if_name}", "{if_addr}"]
        case (.sendmail, .helo): ["{tls_version}", "{cipher}", "{cipher_bits}", "{cert_subject}", "{cert_issuer}"]
        case (.sendmail, .mail):
            [
                "i", "{auth_type}", "{auth_authen}", "{auth_ssf}", "{auth_author}", "{mail_mailer}", "{mail_host}",
                "{mail_addr}",
            ]
        case (.sendmail, .recipient): ["{rcpt_mailer}", "{rcpt_host}", "{rcpt_addr}"]
        case (.sendmail, .endOfMessage): ["{msg_id}"]
        case (_, .negotiation), (_, .header), (_, .body), (.sendmail, .data), (.sendmail, .endOfHeader): []
        }
    }

    /// From which step on there is a queue id: Postfix gives one at the first recipient it accepts and tells it from
    /// DATA on, Sendmail at MAIL.
    func knowsQueueID(at step: MTAStep) -> Bool {
        switch (self, step) {
        case (_, .negotiation), (_, .connect), (_, .helo), (.postfix, .mail), (.postfix, .recipient): false
        default: true
        }
    }

    /// SMFIR_ADDHEADER.
    func add(_ field: MTAField, to fields: inout [MTAField]) { fields.append(field) }

    /// SMFIR_INSHEADER: 0 is before the MTA's own Received field, which counts; past the end is the end.
    func insert(_ field: MTAField, at index: Int, in fields: inout [MTAField]) {
        fields.insert(field, at: max(0, min(index, fields.count)))
    }

    /// SMFIR_CHGHEADER: the n-th field of the name from 1, the MTA's own not counted; an empty value deletes; one that
    /// isn't there is added.
    func change(_ name: String, occurrence: Int, to field: MTAField?, in fields: inout [MTAField]) {
        let places = fields.indices.filter { !fields[$0].isOwn && fields[$0].isNamed(name) }
        let number = max(1, occurrence) - 1
        switch (places.dropFirst(number).first, field) {
        case (let place?, let field?): fields[place].value = field.value
        case (let place?, nil): fields.remove(at: place)
        case (nil, let field?): fields.append(field)
        case (nil, nil): break
        }
    }
}
