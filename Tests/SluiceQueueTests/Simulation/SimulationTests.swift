// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceTesting
import Testing

@testable import SluiceQueue

/// `make journal` runs a million steps; `SLUICE_DISK_STEPS`, `SLUICE_DISK_SEED` and `SLUICE_DISK_LIFE` choose others.
@Suite("A journal on a disk that keeps no promises") struct SimulationTests {
    private static let stepsOfLife = 400

    /// Runs lives until they have made so many steps, two at a time; every third is one in which much happens at once.
    ///
    /// - Returns: how many lives there were.
    private static func simulate(seed: UInt64, steps: Int, from first: Int = 0) async throws -> SimulationCounts {
        let counts = SimulationCounts()
        let lives = first..<(first + max(1, (steps + stepsOfLife - 1) / stepsOfLife))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for life in lives {
                if life >= first + 2 { try await group.next() }
                group.addTask { try await live(seed: seed, life, counts) }
            }
            try await group.waitForAll()
        }
        print("simulated disk: seed \(seed), lives \(lives)\n\(counts.lines)")
        return counts
    }

    private static func live(seed: UInt64, _ number: Int, _ counts: SimulationCounts) async throws {
        var generator = SeededGenerator(seed: seed &+ UInt64(number) &* 0x5851_F42D_4C95_7F2D)
        var life = try JournalLife(seed: generator.next(), isConcurrent: number % 3 == 2, counts: counts)
        do {
            try await life.run(steps: stepsOfLife)
        } catch  where !Task.isCancelled {
            let again = "SLUICE_DISK_SEED=\(seed) SLUICE_DISK_LIFE=\(number)"
            Issue.record("\(error); step \(life.steps) of \(again)")
            throw error
        }
    }

    private static func number<Number: FixedWidthInteger>(_ name: String) -> Number? {
        ProcessInfo.processInfo.environment[name].flatMap { Number($0) }
    }

    @Test("keeps every promise, life after life")
    func seeded() async throws {
        let counts = try await Self.simulate(seed: 1, steps: 4000)
        #expect(counts["power cuts"] > 50 && counts["kills"] > 50 && counts["fdatasync EIO"] > 5)
    }

    @Test("keeps every promise from a seed that is new each time")
    func fresh() async throws {
        let seed: UInt64 = Self.number("SLUICE_DISK_SEED") ?? UInt64.random(in: 0...UInt64.max)
        let life: Int? = Self.number("SLUICE_DISK_LIFE")
        let steps = Self.number("SLUICE_DISK_STEPS") ?? (life == nil ? 6000 : 1)
        _ = try await Self.simulate(seed: seed, steps: steps, from: life ?? 0)
    }
}
