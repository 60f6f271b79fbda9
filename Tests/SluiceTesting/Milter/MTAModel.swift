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

    /// The fields that the MTA puts before the message's own when the end of it comes; they count in an insert's index.
    func ownFields(queueID: String) -> [MTAField] {
        let text = " from client.test by mta.test with ESMTP id \(queueID);\n\tTue, 24 Nov 2026 07:00:00 +0000"
        let received = MTAField(name: "Received", value: Array(text.utf8), origin: .mta)
        guard self == .sendmail else { return [received] }
        let prepared = [
            "Resent-Date", "Date", "Resent-From", "From", "Full-Name", "Resent-Message-Id", "Message-Id",
        ]
        return [received] + prepared.map { MTAField(name: $0, value: [], origin: .prepared) }
    }

    /// SMFIR_ADDHEADER: at the end; with Sendmail above the first of the name where there is one.
    func add(_ field: MTAField, to fields: inout [MTAField]) {
        let first = fields.firstIndex { $0.origin != .mta && $0.isNamed(field.name) }
        switch (self, first) {
        case (.sendmail, let first?): fields.insert(field, at: first)
        case (.sendmail, nil), (.postfix, _): fields.append(field)
        }
    }

    /// SMFIR_INSHEADER: 0 is before the MTA's own Received field, which counts; past the end is the end. Sendmail's
    /// index is signed.
    func insert(_ field: MTAField, at index: UInt32, in fields: inout [MTAField]) {
        if self == .sendmail, field.isNamed("Return-Path") { return }
        let place = self == .sendmail ? max(0, Int(Int32(bitPattern: index))) : Int(index)
        fields.insert(field, at: min(place, fields.count))
    }

    /// SMFIR_CHGHEADER: the n-th field of the name from 1, the MTA's own not counted; no value deletes; one that isn't
    /// there is added. With Sendmail what was deleted still counts, and comes back when it is changed.
    func change(_ name: String, occurrence: UInt32, to field: MTAField?, in fields: inout [MTAField]) {
        let places = fields.indices.filter { place in
            let origin = fields[place].origin
            return fields[place].isNamed(name) && (origin == .message || origin == .milter)
        }
        switch (places.dropFirst(Int(max(1, occurrence)) - 1).first, field) {
        case (let place?, let field?):
            fields[place].value = field.value
            fields[place].isDeleted = false
            if self == .postfix { fields[place].name = field.name }
        case (let place?, nil):
            if self == .sendmail { fields[place].isDeleted = true } else { fields.remove(at: place) }
        case (nil, let field?): add(field, to: &fields)
        case (nil, nil): break
        }
    }

    /// A value as it is delivered: a line that doesn't begin with white space is made to.
    func folded(_ value: [UInt8]) -> [UInt8] {
        var folded: [UInt8] = []
        for octet in value {
            if folded.last == 0x0A, octet != 0x20, octet != 0x09 { folded.append(self == .postfix ? 0x09 : 0x20) }
            folded.append(octet)
        }
        return folded
    }
}
