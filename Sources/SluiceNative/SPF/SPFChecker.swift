// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Checks whether a client may send mail for a domain (RFC 7208).
///
/// Each record is read by our own strict grammar, its macros are expanded here, and libspf2 judges its directives. The
/// DNS is asked through the resolver only, and no thread waits for it.
package struct SPFChecker: Sendable {
    private let resolver: any Resolver
    private let receivingHost: String
    private let timeLimit: Duration

    /// - Parameters:
    ///   - resolver: answers TXT, A, AAAA, MX and PTR questions.
    ///   - receivingHost: our own host name, for the macro `%{r}`.
    ///   - timeLimit: after this time a check begins no further look-up; at least 20 s (RFC 7208 §4.6.4).
    package init(resolver: any Resolver, receivingHost: String = "unknown", timeLimit: Duration = .seconds(20)) {
        self.resolver = resolver
        self.receivingHost = receivingHost
        self.timeLimit = timeLimit
    }

    /// Checks the reverse-path of a transaction; of the null reverse-path the HELO identity (RFC 7208 §2.4).
    ///
    /// - Parameters:
    ///   - ip: the client's address.
    ///   - helo: what the client called itself in EHLO or HELO.
    ///   - now: the time, for the macro `%{t}`.
    package func check(
        ip: IPAddress, helo: String, mailFrom: ReversePath, now: Timestamp = SystemTime().now
    ) async -> SPFOutcome {
        switch mailFrom {
        case .null: await check(ip: ip, helo: helo, now: now)
        case .mailbox(let mailbox):
            await check(
                .mailFrom, ip: ip, helo: helo, localPart: mailbox.localPart, domain: mailbox.domain, now: now)
        }
    }

    /// Checks a reverse-path as it is written, without angle brackets; the empty one is null.
    ///
    /// Where it has no local-part, that is `postmaster` (RFC 7208 §4.3).
    package func check(
        ip: IPAddress, helo: String, mailFrom: String, now: Timestamp = SystemTime().now
    ) async -> SPFOutcome {
        guard !mailFrom.isEmpty else { return await check(ip: ip, helo: helo, now: now) }
        let at = mailFrom.utf8.lastIndex(of: UInt8(ascii: "@"))
        let localPart = at.map { String(mailFrom[..<$0]) } ?? ""
        let domain = at.map { String(mailFrom[mailFrom.utf8.index(after: $0)...]) } ?? mailFrom
        return await check(.mailFrom, ip: ip, helo: helo, localPart: localPart, domain: domain, now: now)
    }

    /// Checks the HELO identity (RFC 7208 §2.3).
    package func check(ip: IPAddress, helo: String, now: Timestamp = SystemTime().now) async -> SPFOutcome {
        await check(.helo, ip: ip, helo: helo, localPart: "", domain: helo, now: now)
    }

    private func check(
        _ identity: SPFIdentity, ip: IPAddress, helo: String, localPart: String, domain: String, now: Timestamp
    ) async -> SPFOutcome {
        let name = SPFDomainName(identity: domain)
        var outcome = SPFOutcome(result: .none, identity: identity, domain: SPFText.shown(name.octets, limit: 255))
        guard name.isFullyQualified, name.isHostName else {
            let claim = identity == .helo ? "the client called itself" : "the reverse-path's domain is"
            outcome.reason = "\(claim) '\(outcome.domain)', which is no domain name"
            return outcome
        }
        let context = SPFMacroContext(
            localPart: localPart.isEmpty ? "postmaster" : localPart, senderDomain: name.text, domain: name.text,
            client: ip, helo: helo, receivingHost: receivingHost, time: now.seconds)
        guard let evaluation = SPFEvaluation(resolver: resolver, context: context, timeLimit: timeLimit) else {
            outcome.result = .temperror
            outcome.reason = "out of memory"
            return outcome
        }
        do throws(SPFFailure) {
            let verdict = try await evaluation.check(name)
            outcome.result = verdict.result
            outcome.mechanism = verdict.mechanism
            outcome.reason = verdict.reason
            outcome.explanation = await evaluation.explanation(of: verdict)
        } catch {
            switch error {
            case .permanent(let reason):
                outcome.result = .permerror
                outcome.reason = reason
            case .temporary(let reason):
                outcome.result = .temperror
                outcome.reason = reason
            }
        }
        outcome.lookups = evaluation.lookups
        outcome.voidLookups = evaluation.voidLookups
        return outcome
    }
}
