// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceQueue
import SluiceTesting
import Testing

@Suite("Fairness of the schedule")
struct FairnessTests {
    private func report(_ what: String, _ simulation: MailingSimulation) -> Duration {
        let waits = simulation.waits.values.sorted()
        let longest = waits.last ?? .zero
        let done = simulation.doneAt.map { "\(($0 - MailingSimulation.start).components.seconds) s" } ?? "not yet"
        print(
            "\(what): the mailing took \(done), \(waits.count) single messages waited at most",
            "\(longest.components.seconds) s; attempts at once: \(simulation.mostActive)")
        return longest
    }

    @Test("a mailing of 10,000 recipients at one destination does not hold up single messages to it", arguments: 0..<3)
    func oneDestination(_ seed: UInt64) {
        let there = Destination("there")
        var simulation = MailingSimulation(
            seed: seed, recipients: 10_000, seconds: 10...60, singles: Array(repeating: there, count: 6)
        ) { _ in there }
        simulation.run(.seconds(3600))
        let longest = report("one destination", simulation)
        #expect(simulation.waits.count == 6)
        // Less than the shortest transaction: who comes finds a connection free, or is the next to get one.
        #expect(longest < .seconds(10))
        #expect(simulation.doneAt != nil)
    }

    @Test("a mailing to 1,000 destinations, half of which are out of reach, does not hold up anyone", arguments: 0..<3)
    func manyDestinations(_ seed: UInt64) {
        let singles = (0..<20).map { Destination($0 % 2 == 0 ? "elsewhere\($0)" : "d\($0 * 2 + 1)") }
        var simulation = MailingSimulation(
            seed: seed, recipients: 10_000, seconds: 2...20, singles: singles,
            isDead: { $0.name.hasPrefix("d") && Int($0.name.dropFirst())?.isMultiple(of: 2) == true },
            destination: { Destination("d\($0 % 1000)") })
        simulation.run(.seconds(3600))
        let longest = report("1,000 destinations, 500 out of reach", simulation)
        #expect(simulation.waits.count == singles.count)
        #expect(longest == .zero)
        #expect(simulation.mostActive <= 400)
        #expect(simulation.doneAt != nil)
    }

    @Test("a destination with one connection serves a single message after the transaction that is under way")
    func oneConnection() {
        let there = Destination("there")
        var simulation = MailingSimulation(
            seed: 1, recipients: 10_000, seconds: 10...10, singles: [there],
            limits: ScheduleLimits(connectionsPerHost: 1)
        ) { _ in there }
        simulation.run(.seconds(3600))
        #expect(report("one connection", simulation) <= .seconds(10))
    }

    @Test("an item that may have no more attempts goes on at every destination as its attempts end", arguments: 0..<20)
    func held(_ seed: UInt64) {
        // More destinations than attempts, some out of reach and some shared with others: none is forgotten.
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 5...60, using: &random)
        var simulation = MailingSimulation(
            seed: seed, recipients: 300, seconds: 1...9, singles: (0..<4).map { Destination("d\($0)") },
            limits: ScheduleLimits(
                recipientsPerTransaction: 2, connectionsPerHost: 2,
                connections: Int.random(in: 1...12, using: &random)),
            isDead: { $0.name.hasSuffix("3") }, destination: { Destination("d\($0 % count)") })
        simulation.run(.seconds(36_000))
        #expect(simulation.doneAt != nil)
        #expect(simulation.waits.count == 4)
    }
}
