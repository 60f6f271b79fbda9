// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceFilter
import SluiceNative

/// Verifies the DKIM signatures of a message: stage `dkim-verify`.
///
/// It reports; "a verifier should not reject a message for a failed signature alone" (RFC 6376 §6.1), so each outcome
/// passes unless the configuration says otherwise.
package struct DKIMVerifyStage: FilterStage {
    package static let name = "dkim-verify"
    package static let placement = StagePlacement(seesReceivedOctets: true)
    package static let defaults = StageDefaults(onError: .pass)

    /// So many signatures are reported; a message can have any number of unreadable ones.
    static let reportLimit = 20

    private let configuration: Configuration
    private let verifier: DKIMVerifier

    package init(configuration: Configuration, services: StageServices) {
        self.configuration = configuration
        verifier = DKIMVerifier(pool: services.pool)
    }

    package func evaluate(_ message: Message, in context: StageContext) async throws -> StageResult {
        let results = try await verifier.verify(message: message, resolver: context.resolver, now: context.now)
        let outcome = Outcome(results)
        var result = StageResult(verdict: configuration.action(at: outcome).verdict(at: outcome))
        guard !results.isEmpty else {
            result.authentication = [AuthenticationResult(method: "dkim", result: "none")]
            result.findings = [Finding(name: "DKIM_NONE", why: "the message carries no DKIM signature")]
            return result
        }
        result.authentication = results.prefix(Self.reportLimit).map(Self.authentication)
        result.findings = results.prefix(Self.reportLimit).map(Self.finding)
        if results.count > Self.reportLimit {
            result.findings.append(
                Finding(name: "DKIM_MANY", why: "\(results.count) signatures; only the first are reported"))
        }
        return result
    }

    /// `dkim=pass header.d=… header.s=… header.a=… header.b=…` (RFC 8601 §2.7.1, RFC 6008 §4, RFC 8616 §5).
    static func authentication(_ result: DKIMSignatureResult) -> AuthenticationResult {
        var properties: [AuthenticationResult.Property] = []
        func add(_ name: String, _ value: String?) {
            if let value { properties.append(.init("header", name, value)) }
        }
        add("d", result.domain)
        // The identity tells nothing that is not in header.d, where it is the default.
        if let identity = result.identity, identity != "@" + (result.domain ?? "") { add("i", identity) }
        add("s", result.selector)
        add("a", result.algorithm)
        add("b", result.signaturePrefix)
        let notes = [result.reason, result.testing ? "the key is in test mode" : nil].compactMap(\.self)
        return AuthenticationResult(
            method: "dkim", result: result.result.rawValue, reason: notes.isEmpty ? nil : notes.joined(separator: "; "),
            properties: properties)
    }

    static func finding(_ result: DKIMSignatureResult) -> Finding {
        let who = result.domain.map { "the signature of \($0)" } ?? "a signature"
        let what =
            switch result.result {
            case .pass: "fits"
            case .fail: "does not fit: the message was changed, or is forged"
            case .neutral: "could not be verified"
            case .policy: "is not acceptable"
            case .temperror: "can't be verified now"
            case .permerror: "can't be verified at all"
            }
        var why = "\(who) \(what)"
        if let reason = result.reason { why += " (\(reason))" }
        if result.testing { why += "; its key is in test mode" }
        return Finding(name: "DKIM_" + result.result.rawValue.asciiUppercased(), why: why)
    }
}

extension String {
    fileprivate func asciiUppercased() -> String {
        String(decoding: utf8.map { $0 >= 0x61 && $0 <= 0x7A ? $0 & 0xDF : $0 }, as: UTF8.self)
    }
}
