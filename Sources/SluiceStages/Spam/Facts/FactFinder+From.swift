// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension FactFinder {
    /// What is odd about the author.
    func fromFacts() -> [Fact] {
        guard let folded = foldedFrom, let field = header.first("from") else { return [Fact("from-missing")] }
        var facts: [Fact] = []
        if folded.mixedWords > 0 { facts.append(Fact("from-lookalike", folded.mixedSample)) }
        if folded.styled >= 3 { facts.append(Fact("from-styled", String(latin1OrUTF8: folded.text.prefix(80)))) }
        if folded.invisible > 0 { facts.append(Fact("from-invisible", "\(folded.invisible)")) }
        if folded.pictures > 0 { facts.append(Fact("from-pictures", "\(folded.pictures)")) }
        if from.count > 1 { facts.append(Fact("from-many", "\(from.count)")) }
        guard let author = from.first(where: { $0.address.utf8.contains(UInt8(ascii: "@")) }) else {
            let shown = Paragraphs.squeezed(field.value)
            return facts + [Fact("from-no-address", String(latin1OrUTF8: shown.prefix(80)))]
        }
        facts += addressFacts(author)
        facts += nameFacts(author)
        return facts
    }

    private func addressFacts(_ author: MailAddress) -> [Fact] {
        var facts: [Fact] = []
        let domain = author.domain
        let localPart = author.address.prefix { $0 != "@" }
        let isLiteral = domain.hasPrefix("[")
        if !HostName.isPlausible(domain), !isLiteral {
            facts.append(Fact("from-broken-domain", author.address))
        } else if let label = domain.split(separator: ".").first(where: { HostName.looksRandom($0) }) {
            facts.append(Fact("from-random-domain", String(label)))
        }
        if localPart.isEmpty || author.address.utf8.contains(0x20) {
            facts.append(Fact("from-broken-local-part", author.address))
        } else if localPart.utf8.allSatisfy(\.isASCIIAlphanumeric), HostName.looksRandom(localPart) {
            facts.append(Fact("from-random-local-part", String(localPart)))
        }
        if recipients.contains(author.address.asciiLowercased()) { facts.append(Fact("from-is-recipient")) }
        return facts
    }

    private func nameFacts(_ author: MailAddress) -> [Fact] {
        var facts: [Fact] = []
        // An address in the display name that is not the author's own.
        let hasAddress = author.name.utf8.contains(UInt8(ascii: "@"))
        for word in hasAddress ? author.name.split(whereSeparator: { " \t<>()[]\"',;:".contains($0) }) : [] {
            guard let at = word.utf8.firstIndex(of: UInt8(ascii: "@")) else { continue }
            let domain = String(word[word.index(after: at)...]).asciiLowercased()
            guard HostName.isPlausible(domain), HostName.registrable(domain) != fromDomain else { continue }
            facts.append(Fact("from-name-other-address", "\(word) <> \(author.address)"))
        }
        // A host in the display name whose domain is not the author's.
        let hasHost = author.name.utf8.contains(UInt8(ascii: "."))
        for word in hasHost ? author.name.split(whereSeparator: { " \t<>()[]\"',;:|*_!".contains($0) }) : [] {
            let host = String(word).asciiLowercased()
            guard !host.utf8.contains(UInt8(ascii: "@")), HostName.isPlausible(host), Self.isWellKnownEnd(host),
                HostName.registrable(host) != fromDomain
            else { continue }
            facts.append(Fact("from-name-other-host", "\(word) <> \(author.domain)"))
        }
        let spaced = SpacedLetters.find(in: Array(author.name.utf8))
        if let spaced { facts.append(Fact("from-spaced-letters", spaced)) }
        let name = author.name.asciiLowercased()
        for recipient in recipients where name.contains(text: recipient) {
            facts.append(Fact("from-name-is-recipient", recipient))
        }
        return facts
    }

    private static func isWellKnownEnd(_ host: String) -> Bool {
        ["com", "net", "org", "de", "fr", "it", "es", "nl", "br", "uk", "io", "eu"]
            .contains { host.hasSuffix("." + $0) }
    }

    /// Where answers and notifications go.
    func replyFacts() -> [Fact] {
        var facts: [Fact] = []
        if let reply = header.firstAddress("reply-to"), !reply.domain.isEmpty, !fromDomain.isEmpty,
            HostName.registrable(reply.domain) != fromDomain
        {
            facts.append(Fact("reply-to-other-domain", "\(reply.domain) <> \(fromDomain)"))
        }
        let path =
            circumstances.envelope?.reversePath.mailbox?.domain ?? header.firstAddress("return-path")?.domain ?? ""
        if !path.isEmpty, !fromDomain.isEmpty, HostName.registrable(path) != fromDomain {
            facts.append(Fact("reverse-path-other-domain", "\(path) <> \(fromDomain)"))
        }
        return facts
    }
}
