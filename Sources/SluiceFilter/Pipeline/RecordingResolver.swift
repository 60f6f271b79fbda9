// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Synchronization

/// Takes down the evidence that one run of a stage uses.
final class EvidenceLog: Sendable {
    /// A stage that asks more than this is not recorded further; its own limits end it long before.
    static let limit = 512
    private let entries = Mutex<[Evidence]>([])

    func note(_ evidence: Evidence) {
        entries.withLock { if $0.count < Self.limit { $0.append(evidence) } }
    }

    var evidence: [Evidence] { entries.withLock { $0 } }
}

/// Asks another resolver and notes question and answer.
struct RecordingResolver: Resolver {
    let resolver: any Resolver
    let log: EvidenceLog

    func resolve(_ question: DNSQuestion) async -> DNSAnswer {
        let answer = await resolver.resolve(question)
        log.note(.dns(question, answer))
        return answer
    }
}
