// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter

/// The fields that a relay adds on its way: Received (RFC 5321 §4.4), Authentication-Results (RFC 8601), the spam
/// verdict, and which stages looked at the message.
struct TraceFields {
    let id: String
    let hostname: String
    let client: ClientInfo
    let hasClientAddress: Bool
    let isTrusted: Bool
    let now: Timestamp
    let recipients: [Mailbox]

    /// All edits of the trace, to be made after those of the stages.
    ///
    /// - Parameter message: the message with the stages' edits.
    func edits(to message: Message, _ outcome: PipelineOutcome, addsReceived: Bool = true) -> [MessageEdit] {
        var edits = removals(from: message)
        var fields: [(String, String)] = addsReceived ? [("Received", received)] : []
        if !outcome.authentication.isEmpty {
            fields.append(
                (
                    "Authentication-Results",
                    AuthenticationResult.fieldValue(authservID: hostname, outcome.authentication)
                ))
        }
        if let score = outcome.score, !isTrusted { fields += spamFields(score, outcome) }
        if !outcome.stages.isEmpty { fields.append(("X-Sluice-Stages", stages(outcome.stages))) }
        for (position, (name, value)) in fields.enumerated() {
            edits.append(.addField(name: name, value: value, position: position))
        }
        return edits
    }

    /// Received alone, at the top.
    var receivedEdit: MessageEdit { .addField(name: "Received", value: received, position: 0) }

    /// What only we may say and the message says already: forged results of our authserv-id (RFC 8601 §5), and
    /// incoming X-Spam-* and X-Sluice-* fields. From the last occurrence to the first, so that the numbers hold.
    private func removals(from message: Message) -> [MessageEdit] {
        var counts: [String: Int] = [:]
        var edits: [MessageEdit] = []
        for field in message.header.fields {
            let name = field.name.asciiLowercased()
            counts[name, default: 0] += 1
            let isOurs = name.hasPrefix("x-spam-") || name.hasPrefix("x-sluice-")
            if isOurs || (name == "authentication-results" && AuthservID.claims(hostname, field.unfoldedOctets)) {
                edits.append(.deleteField(name: field.name, occurrence: counts[name] ?? 1))
            }
        }
        return edits.reversed()
    }

    /// `from helo (name [address]) by host with protocol id … for <recipient>; date` (RFC 5321 §4.4, RFC 3848).
    private var received: String {
        var value = ""
        if hasClientAddress {
            let name = client.name.map { "\(Self.word($0)) " } ?? ""
            value = "from \(Self.word(client.helo ?? "unknown")) (\(name)\(client.address.literal))\r\n\t"
        }
        var name = client.isExtended ? "ESMTP" : "SMTP"
        if client.isExtended, client.tls != nil { name += "S" }
        if client.isExtended, client.login != nil { name += "A" }
        value += "by \(hostname) (Sluice) with \(name) id \(id)"
        if let tls = client.tls {
            value += "\r\n\t(using \(tls.split(separator: " ").map { Self.word(String($0)) }.joined(separator: " ")))"
        }
        // The recipient only where there is one: the others are nobody's business (RFC 5321 §7.6).
        if recipients.count == 1, let recipient = recipients.first { value += "\r\n\tfor <\(recipient)>" }
        return value + ";\r\n\t\(now.rfc5322)"
    }

    private func spamFields(_ score: StageResult.Score, _ outcome: PipelineOutcome) -> [(String, String)] {
        let isSpam = score.score >= score.required
        let tests = outcome.stages.first { $0.name == "spam" }?.findings.map(\.name) ?? []
        var status =
            "\(isSpam ? "Yes" : "No"), score=\(Self.decimal(score.score)) required=\(Self.decimal(score.required))"
        status += "\r\n\ttests=" + (tests.isEmpty ? "none" : tests.prefix(60).joined(separator: ",\r\n\t"))
        return (isSpam ? [("X-Spam-Flag", "YES")] : [])
            + [("X-Spam-Score", Self.decimal(score.score)), ("X-Spam-Status", status)]
    }

    /// `spf=ran, virus=failed (pass)`: what was checked and what was not.
    private func stages(_ records: [StageRecord]) -> String {
        records.map { record in
            var text = "\(record.name)=\(record.outcome.rawValue)"
            if let policy = record.policy { text += " (\(policy.rawValue))" }
            return text
        }.joined(separator: ",\r\n\t")
    }

    static func decimal(_ number: Double) -> String {
        let tenths = (number * 10).rounded() / 10
        return tenths == 0 ? "0.0" : "\(tenths)"
    }

    /// What others say of a client, in one word: it can't end the field or the clause, nor open a comment, a quoted
    /// string or a path.
    private static func word(_ text: String) -> String {
        let isWord: (UInt8) -> Bool = { $0 > 32 && $0 < 127 && !"()<>;,\"\\@".utf8.contains($0) }
        let word = String(decoding: text.utf8.prefix(255).map { isWord($0) ? $0 : 0x3F }, as: UTF8.self)
        return word.isEmpty ? "unknown" : word
    }
}

/// The authserv-id of an Authentication-Results field.
enum AuthservID {
    /// Whether the value of a field claims to be by that host (RFC 8601 §2.2: comments may stand before the id, which
    /// may be quoted). What can't be read is taken for a claim: a forgery must not pass by being malformed.
    static func claims(_ hostname: String, _ value: [UInt8]) -> Bool {
        var position = 0
        var depth = 0
        while position < value.count {
            let byte = value[position]
            if byte == UInt8(ascii: "\\"), depth > 0 {
                position += 2
                continue
            }
            if byte == UInt8(ascii: "(") {
                depth += 1
            } else if byte == UInt8(ascii: ")"), depth > 0 {
                depth -= 1
            } else if depth == 0, byte > 32 {
                break
            }
            position += 1
        }
        var id: [UInt8] = []
        if position < value.count, value[position] == UInt8(ascii: "\"") {
            position += 1
            while position < value.count, value[position] != UInt8(ascii: "\"") {
                if value[position] == UInt8(ascii: "\\") { position += 1 }
                if position < value.count { id.append(value[position]) }
                position += 1
            }
        } else {
            id = Array(
                value[min(position, value.count)...].prefix { $0 > 32 && !"()<>@,;:\\\"/[]?=".utf8.contains($0) })
        }
        while id.last.map({ $0 <= 32 }) ?? false { id.removeLast() }
        id = Array(id.drop { $0 <= 32 })
        return id.isEmpty || id.equalsIgnoringCase(hostname) || id.equalsIgnoringCase(hostname + ".")
    }
}
