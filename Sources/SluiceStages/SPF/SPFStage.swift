// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceFilter
import SluiceNative

/// `spf`: whether the client may send mail for the domain of the reverse-path (RFC 7208).
///
/// Its results go into Authentication-Results (RFC 8601 §2.7.2): that of the reverse-path first, with `smtp.mailfrom`;
/// that of the HELO name, where it was checked, with `smtp.helo`.
package struct SPFStage: FilterStage {
    package static let name = "spf"
    package static var defaults: StageDefaults { StageDefaults(onError: .pass, timeout: .seconds(30)) }

    private let configuration: Configuration

    package init(configuration: Configuration, services: StageServices) { self.configuration = configuration }

    package func evaluate(_ message: Message, in context: StageContext) async throws -> StageResult {
        if context.isTrusted { return StageResult(skipped: "skipped: trusted client") }
        guard context.hasClientAddress else { return StageResult(skipped: "skipped: no client address is known") }
        let checker = SPFChecker(resolver: context.resolver, receivingHost: context.hostname)
        let address = context.client.address
        let helo = context.client.helo ?? ""
        let path = context.envelope.reversePath
        var outcomes = [await checker.check(ip: address, helo: helo, mailFrom: path, now: context.now)]
        if configuration.checksHELO, path != .null {
            outcomes.append(await checker.check(ip: address, helo: helo, now: context.now))
        }
        return result(outcomes, client: context.client, path: path)
    }

    private func result(_ outcomes: [SPFOutcome], client: ClientInfo, path: ReversePath) -> StageResult {
        let reports = outcomes.map { SPFReport($0, client: client.address) }
        var result = StageResult(
            authentication: reports.map(\.authentication), findings: reports.map(\.finding))
        // The strictest counts; between equals the reverse-path's, which stands first.
        let verdicts = reports.map { verdict(for: $0) }
        for verdict in verdicts where verdict.disposition > result.verdict.disposition { result.verdict = verdict }
        return result
    }

    private func verdict(for report: SPFReport) -> Verdict {
        let action: Action =
            switch report.outcome.result {
            case .fail: configuration.fail.action
            case .softfail: configuration.softfail.action
            case .permerror: configuration.permerror.action
            case .temperror: configuration.temperror.action
            case .none, .neutral, .pass: .pass
            }
        return switch action {
        case .pass: .pass
        case .quarantine: .quarantine(reason: report.sentence)
        case .reject, .defer: .refuse(report.reply)
        }
    }
}
