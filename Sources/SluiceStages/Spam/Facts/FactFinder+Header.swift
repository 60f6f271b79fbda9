// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension FactFinder {
    func subjectFacts() -> [Fact] {
        guard let subject = header.first("subject") else { return [Fact("subject-missing")] }
        var facts: [Fact] = []
        let text = Paragraphs.squeezed(subject.value)
        if text.isEmpty { facts.append(Fact("subject-empty")) }
        let letters = text.filter(\.isASCIILetter)
        let words = text.split { !$0.isASCIILetter }.filter { $0.count > 1 }
        if words.count >= 2, letters.count >= 8, letters.allSatisfy({ $0 < 0x60 }) {
            facts.append(Fact("subject-all-caps", String(latin1OrUTF8: text.prefix(80))))
        }
        if foldedSubject.mixedWords > 0 { facts.append(Fact("subject-lookalike", foldedSubject.mixedSample)) }
        if foldedSubject.styled >= 3 {
            facts.append(Fact("subject-styled", String(latin1OrUTF8: foldedSubject.text.prefix(80))))
        }
        if foldedSubject.invisible > 0 { facts.append(Fact("subject-invisible", "\(foldedSubject.invisible)")) }
        if foldedSubject.pictures > 0 { facts.append(Fact("subject-pictures", "\(foldedSubject.pictures)")) }
        if let spaced = SpacedLetters.find(in: text) { facts.append(Fact("subject-spaced-letters", spaced)) }
        let folded = String(latin1OrUTF8: text).asciiLowercased()
        if let named = recipients.first(where: { folded.utf8.contains(octets: $0.utf8) }) {
            facts.append(Fact("subject-names-recipient", named))
        } else if let named = recipients.lazy.map({ $0.prefix { $0 != "@" } })
            .first(where: { $0.utf8.count >= 5 && folded.utf8.contains(octets: $0.utf8) })
        {
            facts.append(Fact("subject-names-local-part", String(named)))
        }
        if subject.raw.contains(where: { $0 >= 0x80 }) { facts.append(Fact("subject-raw-8-bit")) }
        return facts
    }

    /// What is odd about the time. Date is compared with the topmost Received, else with the time of arrival.
    func dateFacts() -> [Fact] {
        guard let field = header.first("date") else { return [Fact("date-missing")] }
        guard let date = MailDate.seconds(field.value) else {
            return [Fact("date-broken", String(latin1OrUTF8: field.value.prefix(60)))]
        }
        let received = header.first("received").flatMap { trace in
            trace.value.lastIndex(of: UInt8(ascii: ";")).flatMap { MailDate.seconds(Array(trace.value[($0 + 1)...])) }
        }
        // A stored message without a trace says nothing of when it came.
        guard let reference = received ?? (circumstances.client == nil ? nil : circumstances.now.seconds) else {
            return []
        }
        let hours = (date - reference) / 3600
        if hours >= 6 { return [Fact("date-ahead", "\(hours) hours")] }
        if hours <= -48 { return [Fact("date-behind", "\(-hours) hours")] }
        return []
    }

    /// Fields that are missing, broken or there too often (RFC 5322 §3.6).
    func fieldFacts() -> [Fact] {
        var facts: [Fact] = []
        if let identifier = header.first("message-id") {
            let value = Paragraphs.squeezed(identifier.value)
            let inner = value.dropFirst().dropLast()
            let at = inner.lastIndex(of: UInt8(ascii: "@"))
            if value.first != UInt8(ascii: "<") || value.last != UInt8(ascii: ">") || at == nil
                || at == inner.startIndex || at.map({ $0 + 1 == inner.endIndex }) == true
            {
                facts.append(Fact("message-id-broken", String(latin1OrUTF8: value.prefix(80))))
            } else if let at, !inner[at...].contains(UInt8(ascii: ".")) {
                facts.append(Fact("message-id-bare-host", String(latin1OrUTF8: inner[(at + 1)...])))
            }
        } else {
            facts.append(Fact("message-id-missing"))
        }
        for name in ["from", "to", "subject", "date", "message-id", "reply-to", "cc"] where header.count(name) > 1 {
            facts.append(Fact("repeated-field", name))
        }
        let to = header.first("to")
        if to == nil, !header.contains("cc") {
            facts.append(Fact("to-missing"))
        } else if let to {
            let addresses = MailAddress.list(to.value)
            if !addresses.contains(where: { $0.address.utf8.contains(UInt8(ascii: "@")) }) {
                facts.append(Fact("to-no-address", String(latin1OrUTF8: to.value.prefix(60))))
            }
            if addresses.count >= 10 { facts.append(Fact("to-many", "\(addresses.count)")) }
        }
        if !header.contains("received") { facts.append(Fact("received-missing")) }
        if header.contains("content-type"), !header.contains("mime-version") {
            facts.append(Fact("mime-version-missing"))
        }
        return facts
    }
}
