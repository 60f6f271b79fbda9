// SPDX-License-Identifier: Apache-2.0

/// A resolver that knows only what its zone holds: for tests, the demo and `--zone`.
///
/// A name that is not there is NXDOMAIN; a name without the type is NODATA; a CNAME is followed, at most 8 times.
package struct ZoneResolver: Resolver {
    /// What a name holds.
    package enum Entry: Hashable, Sendable {
        case record(DNSRecordType, DNSRecordData)
        /// Every question for the name times out, but for the types of which it has records.
        case timeout
        /// Every question for the name fails, but for the types of which it has records.
        case serverFailure
    }

    private let zone: [String: [Entry]]

    /// Names are taken without case and without a final dot.
    package init(_ zone: [String: [Entry]]) {
        self.zone = Dictionary(zone.map { (DNSQuestion($0.key, .a).name, $0.value) }, uniquingKeysWith: +)
    }

    package func resolve(_ question: DNSQuestion) async -> DNSAnswer { answer(question, depth: 0) }

    private func answer(_ question: DNSQuestion, depth: Int) -> DNSAnswer {
        guard let entries = zone[question.name] else {
            // An empty non-terminal exists (RFC 8020 §2).
            let below = "." + question.name
            return DNSAnswer(zone.keys.contains { $0.hasSuffix(below) } ? .noData : .nameError)
        }
        var records: [DNSRecordData] = []
        var failure: DNSAnswer.Outcome?
        for entry in entries {
            switch entry {
            case .timeout: failure = failure ?? .timedOut
            case .serverFailure: failure = failure ?? .serverFailure
            case .record(let type, let data):
                if type == question.type { records.append(data) }
                if type == .cname, question.type != .cname, case .name(let target) = data {
                    guard depth < 8 else { return DNSAnswer(.serverFailure) }
                    return answer(DNSQuestion(target, question.type), depth: depth + 1)
                }
            }
        }
        return records.isEmpty ? DNSAnswer(failure ?? .noData) : DNSAnswer(.records, records, timeToLive: 300)
    }
}
