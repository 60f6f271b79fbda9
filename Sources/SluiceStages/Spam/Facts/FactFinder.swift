// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Looks for what regular expressions see badly: contradictions between the parts of a message, and tricks.
///
/// The names of the facts are a promise to rule files; `docs/rules.md` lists them.
struct FactFinder {
    let header: HeaderTexts
    let structure: MIMEStructure
    let reading: TextReading
    let uris: [[UInt8]]
    let folding: TextFolding
    let foldedSubject: TextFolding
    let foldedFrom: TextFolding?
    let circumstances: MessageCircumstances
    let from: [MailAddress]
    /// The address in From, in parts, or nothing.
    let fromDomain: String
    let recipients: [String]
    /// All parts from the top.
    let parts: [MIMEPart]

    /// The most facts of one name.
    static let repeatLimit = 20

    init(
        header: HeaderTexts, structure: MIMEStructure, reading: TextReading, uris: [[UInt8]], folding: TextFolding,
        foldedSubject: TextFolding, foldedFrom: TextFolding?, circumstances: MessageCircumstances
    ) {
        self.header = header
        self.structure = structure
        self.reading = reading
        self.uris = uris
        self.folding = folding
        self.foldedSubject = foldedSubject
        self.foldedFrom = foldedFrom
        parts = structure.parts
        self.circumstances = circumstances
        from = header.first("from").map { MailAddress.list($0.value) } ?? []
        fromDomain = HostName.registrable(from.first?.domain ?? "")
        let named = ["to", "cc", "delivered-to"].flatMap { header.all($0).prefix(5) }
            .flatMap { MailAddress.list($0.value).prefix(5).map(\.address) }
        let envelope = circumstances.envelope?.recipients.prefix(10).map(\.written) ?? []
        recipients = Array(Set((named + envelope).map { $0.asciiLowercased() }.filter { $0.utf8.count >= 6 })).sorted()
    }

    func find() -> [Fact] {
        let found =
            fromFacts() + replyFacts() + subjectFacts() + dateFacts() + fieldFacts() + textFacts() + htmlFacts()
            + linkFacts() + uriFacts() + partFacts() + authenticationFacts()
        if found.count <= Self.repeatLimit { return found }
        var counts: [String: Int] = [:]
        return found.filter { fact in
            counts[fact.name, default: 0] += 1
            return counts[fact.name, default: 0] <= Self.repeatLimit
        }
    }

    /// What the stages before say of the sender.
    private func authenticationFacts() -> [Fact] {
        circumstances.authentication.map { Fact("authentication", "\($0.method)=\($0.result)") }
    }
}
