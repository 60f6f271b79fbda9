// SPDX-License-Identifier: Apache-2.0
import SluiceTesting
import Synchronization

/// A next hop that keeps of each message only its id.
struct CountingSink {
    private final class Counts: Sendable {
        let copies = Mutex<[String: Int]>([:])
        let isRefusing = Atomic(false)
    }

    private let counts: Counts
    private let sink: Sink

    var port: Int { sink.port }

    static func start() async throws -> CountingSink {
        let counts = Counts()
        var script = SinkScript { step in
            if case .mail = step, counts.isRefusing.load(ordering: .relaxed) { return .reply("451 4.3.2 not now") }
            guard case .content(let message) = step, let id = message.field(LoadClient.idField) else { return nil }
            counts.copies.withLock { $0[id, default: 0] += 1 }
            return nil
        }
        script.keeps = false
        return CountingSink(counts: counts, sink: try await Sink.start(script))
    }

    func stop() async throws { try await sink.stop() }

    /// Whether it refuses all messages for the time being.
    func refuse(_ isRefusing: Bool) { counts.isRefusing.store(isRefusing, ordering: .relaxed) }

    /// How often each id arrived.
    var copies: [String: Int] { counts.copies.withLock { $0 } }

    /// Holds what was acknowledged against what arrived, and the relay's account against both.
    func judge(
        _ report: LoadClient.Report, _ account: Relay.Account, refusals: Bool = false, _ judgement: inout Judgement
    ) {
        let copies = copies
        let lost = report.acknowledged.filter { copies[$0] == nil }.count
        let second = copies.values.reduce(0) { $0 + $1 - 1 }
        print(
            "  \(report.acknowledged.count) acknowledged, \(report.refused.count) refused, \(copies.count) delivered, \(lost) lost, \(second) second copies"
        )
        print("  \(account)")
        judgement.expect(lost == 0, "\(lost) lost")
        judgement.expect(second == 0, "\(second) second copies")
        judgement.expect(account.unaccounted == 0, "\(account.unaccounted) unaccounted")
        judgement.expect(account.queued == 0, "\(account.queued) still queued")
        judgement.expect(account.chain == "intact", "the chain is \(account.chain)")
        guard !refusals else { return }
        judgement.expect(report.refused.isEmpty, "refused: \(report.refused.values.first ?? "")")
        judgement.expect(report.unknown.isEmpty, "\(report.unknown.count) connections broke: \(report.failure ?? "")")
    }
}
