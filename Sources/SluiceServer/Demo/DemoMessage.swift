// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// One message of the demo: what is sent, by which client, from whom and to whom (`fixtures/demo.yml`).
struct DemoMessage: Sendable {
    var name: String
    var file: String
    var client: IPAddress
    var helo: String
    var reversePath: ReversePath
    var recipients: [Mailbox]
    var content: [UInt8]

    /// Reads the embedded list.
    ///
    /// - Throws: ``ServerError`` where it is wrong, which a test rules out.
    static func all() throws -> [DemoMessage] {
        let file = "fixtures/demo.yml"
        let node = try YAMLReader.read(String(decoding: PackageResources.demo_yml, as: UTF8.self), file: file)
        let reader = ConfigurationReader(directory: "")
        let root = ConfigurationSection(
            node, path: "", reader: reader, mark: SourceMark(file: file, line: 1, column: 1))
        var messages: [DemoMessage] = []
        for (index, entry) in root.list("messages").enumerated() {
            let section = ConfigurationSection(entry, path: "messages[\(index)]", reader: reader, mark: entry.mark)
            if let message = DemoMessage(reading: section) {
                messages.append(message)
            } else {
                reader.report(entry.mark, "this message can't be read")
            }
            section.finish()
        }
        guard !reader.hasErrors else {
            throw ServerError(message: reader.diagnostics.map(\.description).joined(separator: "\n"))
        }
        return messages
    }

    private init?(reading section: ConfigurationSection) {
        name = section.requiredString("name")
        file = section.requiredString("file")
        helo = section.requiredString("helo")
        let recipients = section.strings("to").compactMap { Mailbox($0) }
        guard let client = IPAddress(section.requiredString("client")), let content = Self.contents[file],
            let sender = Mailbox(section.requiredString("from")), !recipients.isEmpty
        else { return nil }
        self.client = client
        self.content = content
        self.recipients = recipients
        reversePath = .mailbox(sender)
    }

    private static let contents: [String: [UInt8]] = [
        "clean.eml": PackageResources.clean_eml, "spf-fail.eml": PackageResources.spf_fail_eml,
        "forged-dkim.eml": PackageResources.forged_dkim_eml, "virus-plain.eml": PackageResources.virus_plain_eml,
        "virus-zip.eml": PackageResources.virus_zip_eml, "spam-gtube.eml": PackageResources.spam_gtube_eml,
        "spam-advance-fee.eml": PackageResources.spam_advance_fee_eml,
        "spam-phishing.eml": PackageResources.spam_phishing_eml,
        "malformed-mime.eml": PackageResources.malformed_mime_eml,
        "refused-by-next-hop.eml": PackageResources.refused_by_next_hop_eml,
        "two-recipients.eml": PackageResources.two_recipients_eml, "outgoing.eml": PackageResources.outgoing_eml,
    ]

    /// The zone that stands in for the DNS, with one more record.
    static func zone(adding lines: String) throws -> any Resolver {
        let text = String(decoding: PackageResources.zone_yml, as: UTF8.self) + lines
        return try ZoneFile.read(text, file: "fixtures/zone.yml").get()
    }
}
