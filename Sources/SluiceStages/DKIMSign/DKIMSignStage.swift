// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceFilter
import SluiceNative

/// Signs outgoing mail for the domain of its author: stage `dkim-sign`.
package struct DKIMSignStage: FilterStage {
    package static let name = "dkim-sign"
    package static let placement = StagePlacement(signs: true, isSkippable: false)

    private let signers: [DKIMSigner]

    /// - Throws: where a key's domain or selector can't stand in a signature.
    package init(configuration: Configuration, services: StageServices) throws {
        signers = try configuration.keys.map { entry in
            try DKIMSigner(
                domain: entry.domain, selector: entry.selector, key: entry.key,
                canonicalization: configuration.canonicalization, pool: services.pool)
        }
    }

    package func evaluate(_ message: Message, in context: StageContext) async throws -> StageResult {
        let domains = message.header.authorDomains
        guard !domains.isEmpty else { return StageResult(skipped: "skipped: From names no author with a domain") }
        let chosen = signers(for: domains)
        guard !chosen.isEmpty else {
            return StageResult(skipped: "skipped: no key for \(domains.joined(separator: ", "))")
        }
        var result = StageResult()
        for signer in chosen {
            let value = try await signer.sign(message, now: context.now)
            result.edits.append(.addField(name: "DKIM-Signature", value: value, position: 0))
            result.findings.append(
                Finding(name: "DKIM_SIGNED", why: "signed for \(signer.domain) with selector \(signer.selector)"))
        }
        return result
    }

    /// The keys for the first author whose domain has any: those of the domain itself, else of the nearest parent.
    ///
    /// A domain may have several, such as an RSA and an Ed25519 key: each signs (RFC 8463 §3).
    private func signers(for domains: [String]) -> [DKIMSigner] {
        for domain in domains {
            let matching = signers.filter { DKIMName.isSame(domain, orBelow: $0.domain) }
            guard let longest = matching.map(\.domain.utf8.count).max() else { continue }
            return matching.filter { $0.domain.utf8.count == longest }
        }
        return []
    }
}
