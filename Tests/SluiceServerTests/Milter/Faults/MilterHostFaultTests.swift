// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

/// The milter's host dies, hangs or starts again while an MTA tells it of messages.
@Suite("A milter host that fails", .serialized) struct MilterHostFaultTests {
    /// How often each step meets each fault: `make milter-faults` sets it; without it the steps at which something is
    /// at stake meet one fault each.
    private static let rounds = ProcessInfo.processInfo.environment["SLUICE_MILTER_ROUNDS"].flatMap { Int($0) }

    struct Case: Sendable, CustomStringConvertible {
        var step: MTAStep
        var moment: MTAStep.Moment
        var fault: MilterHost.Fault
        var description: String { "\(fault) \(moment == .before ? "before" : "after") \(step)" }
    }

    private static var cases: [Case] {
        guard let rounds else {
            return [
                Case(step: .negotiation, moment: .waiting, fault: .killed),
                Case(step: .recipient, moment: .waiting, fault: .killed),
                Case(step: .body, moment: .waiting, fault: .restarted),
                Case(step: .endOfMessage, moment: .before, fault: .killed),
                Case(step: .endOfMessage, moment: .waiting, fault: .killed),
                Case(step: .endOfMessage, moment: .waiting, fault: .stopped),
                Case(step: .endOfMessage, moment: .waiting, fault: .restarted),
            ]
        }
        return (0..<rounds).flatMap { _ in
            MTAStep.allCases.flatMap { step in
                MTAStep.Moment.allCases.flatMap { moment in
                    MilterHost.Fault.allCases.map { Case(step: step, moment: moment, fault: $0) }
                }
            }
        }
    }

    private static let gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

    /// Which of the messages are spam; each is another one.
    private static func isSpam(_ number: Int) -> Bool { number % 2 == 1 }

    /// Lets a fault happen once, at the n-th time that a step comes.
    private final class Trigger: Sendable {
        private let wanted: Case
        private let left: Mutex<Int>
        init(_ wanted: Case, after count: Int) {
            self.wanted = wanted
            left = Mutex(count + 1)
        }
        func isDue(_ step: MTAStep, _ moment: MTAStep.Moment) -> Bool {
            guard step == wanted.step, moment == wanted.moment else { return false }
            return left.withLock { left in
                left -= 1
                return left == 0
            }
        }
    }

    /// So many hosts suffer side by side in the long form: each spends most of its time stopped, ending or starting.
    private static var hosts: Int { rounds == nil ? 1 : 4 }

    /// What came of the faults of one host.
    private struct Tally: Sendable {
        var messages = 0
        var retries = 0
        var held = 0

        static func + (left: Tally, right: Tally) -> Tally {
            Tally(
                messages: left.messages + right.messages, retries: left.retries + right.retries,
                held: left.held + right.held)
        }
    }

    @Test(
        "loses no message, passes none unscanned, and holds none twice, at whatever step it happens",
        .timeLimit(.minutes(180)))
    func everyStep() async throws {
        let seed = UInt64.random(in: 0 ... .max / 2)
        let cases = Self.cases
        let start = ContinuousClock.now
        let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
            for host in 0..<Self.hosts {
                let share = cases.indices.filter { $0 % Self.hosts == host }.map { cases[$0] }
                group.addTask { try await Self.suffer(share, SeededGenerator(seed: seed + UInt64(host)), seed) }
            }
            return try await group.reduce(Tally(), +)
        }
        print(
            "\(cases.count) faults on \(Self.hosts) hosts (seed \(seed)) in \(ContinuousClock.now - start): \(tally)")
    }

    /// One host meets one fault after the other, each while messages come.
    private static func suffer(
        _ cases: [Case], _ generator: SeededGenerator, _ seed: UInt64
    ) async throws -> Tally {
        var generator = generator
        let sink = try await Sink.start()
        let host = try await MilterHost(sink: sink.port, pipeline: "[{spf: {}}, {spam: {quarantine: 8, reject: 3000}}]")
        try await host.start()
        var tally = Tally()
        var expected: Set<String> = []
        for (number, fault) in cases.enumerated() {
            let trigger = Trigger(
                fault, after: fault.step == .negotiation ? 0 : Int.random(in: 0...1, using: &generator))
            let load = load(host.address, "round\(number)") { step, moment in
                if trigger.isDue(step, moment) { await host.suffer(fault.fault, stoppedFor: .milliseconds(1500)) }
            }
            let report = await load.run()
            try await host.recover()
            let ids = (0..<load.messages).map { "\(load.idPrefix)-\($0)" }
            let spam = Set(ids.indices.filter(Self.isSpam).map { ids[$0] })
            #expect(Set(report.accepted.keys) == Set(ids).subtracting(spam), "\(fault): delivered, seed \(seed)")
            #expect(Set(report.discarded.keys) == spam, "\(fault): taken over, seed \(seed)")
            #expect(report.unjudged.isEmpty && report.kept.isEmpty, "\(fault), seed \(seed)")
            #expect(report.violations.isEmpty, "\(fault), seed \(seed)")
            expected.formUnion(spam)
            tally.retries += report.retries
            tally.messages += load.messages
        }
        let held = try await host.ask("quarantine list")
        let account = try await host.accountWhenDelivered()
        tally.held = held.count
        #expect(held.count == expected.count)
        #expect(account["quarantined"]?.integerValue == Int64(expected.count))
        #expect(account["unaccounted"] == 0 && account["chain"] == "intact")
        #expect(try await host.end() == 0)
        #expect(sink.messages.isEmpty)
        try await sink.stop()
        return tally
    }

    private static func load(_ address: MTAAddress, _ prefix: String, hook: @escaping MTASession.Hook) -> MTALoad {
        var load = MTALoad(address)
        load.connections = 2
        load.messages = 6
        load.messagesPerConnection = 2
        load.idPrefix = prefix
        load.timeout = .milliseconds(1000)
        load.patience = .seconds(60)
        load.message = { number in
            var message = MTAMessage("Subject: \(number)\r\n\r\n\(Self.isSpam(number) ? Self.gtube : "Hello.")\r\n")
            message.chunkSize = 20
            return message
        }
        load.hook = hook
        return load
    }
}
