// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceNative

extension DKIMSignStage {
    /// `dkim-sign: {keys: [{domain: example.org, selector: s1, file: s1.pem}], canonicalization: relaxed/simple}`
    package struct Configuration: ConfigurationReadable, Sendable {
        /// A key and what it signs for.
        package struct Key: Sendable {
            /// Its own author domain and all below it.
            package var domain: String
            package var selector: String
            package var key: DKIMKey

            package init(domain: String, selector: String, key: DKIMKey) {
                self.domain = domain
                self.selector = selector
                self.key = key
            }
        }

        package var keys: [Key]
        package var canonicalization: DKIMCanonicalization

        package init(keys: [Key], canonicalization: DKIMCanonicalization = .standard) {
            self.keys = keys
            self.canonicalization = canonicalization
        }

        package init(reading section: ConfigurationSection) {
            canonicalization = Self.canonicalization(section)
            let nodes = section.list("keys")
            if nodes.isEmpty {
                section.report("keys", "keys is empty, [{domain: …, selector: …, file: …}] would be right")
            }
            keys = nodes.enumerated().compactMap { index, node in
                let path = "\(section.path).keys[\(index)]"
                let entry = ConfigurationSection(node, path: path, reader: section.reader, mark: node.mark)
                defer { entry.finish() }
                return Self.key(entry)
            }
        }

        private static func canonicalization(_ section: ConfigurationSection) -> DKIMCanonicalization {
            let text = section.string("canonicalization", default: DKIMCanonicalization.standard.description)
            if let canonicalization = DKIMCanonicalization(text) { return canonicalization }
            section.report(
                "canonicalization",
                "canonicalization is “\(text)”, relaxed/simple, relaxed/relaxed, simple/relaxed or simple/simple "
                    + "would be right")
            return .standard
        }

        /// Reads one entry, its file included: what is wrong with that is a mistake of the configuration too.
        private static func key(_ entry: ConfigurationSection) -> Key? {
            let domain = entry.requiredString("domain")
            let selector = entry.requiredString("selector")
            let file = entry.requiredString("file")
            guard !domain.isEmpty, !selector.isEmpty, !file.isEmpty else { return nil }
            guard DKIMName.isValid(domain) else {
                entry.report("domain", "domain is “\(domain)”, a domain such as example.org would be right")
                return nil
            }
            guard DKIMName.isValid(DKIMName.keyName(selector: selector, domain: domain)) else {
                entry.report("selector", "selector is “\(selector)”, a name such as s1 would be right")
                return nil
            }
            do {
                return Key(
                    domain: domain, selector: selector, key: try DKIMKey(file: entry.reader.resolve(file)))
            } catch {
                entry.report("file", error.description)
                return nil
            }
        }
    }
}
