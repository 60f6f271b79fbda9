// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceFuzzing
import SluiceTesting
import Testing

/// What `make fuzz` starts from and what it has found, run once more in the debug build.
@Suite("Fuzzing")
struct FuzzReplayTests {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../fixtures/fuzz").standardizedFileURL

    /// How many changed seeds each target gets: in all they take some seconds.
    private static let mutations = 400

    @Test("what was once found stays mended", arguments: FuzzTarget.allCases)
    func findings(target: FuzzTarget) throws {
        let folder = Self.fixtures.appending(path: target.rawValue)
        guard FileManager.default.fileExists(atPath: folder.path) else { return }
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            target.run(Array(try Data(contentsOf: file)))
        }
    }

    @Test("no seed, and no seed that was changed at random, is a finding", arguments: FuzzTarget.allCases)
    func mutations(target: FuzzTarget) {
        var generator = SeededGenerator(seed: 7)
        let seeds = target.seeds
        let count = Self.mutations / max(1, seeds.count) + 1
        for seed in seeds {
            target.run(seed)
            for _ in 0..<count { target.run(Self.mutated(seed, using: &generator)) }
        }
    }

    private static func mutated(_ seed: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var octets = seed
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let index = Int.random(in: 0...octets.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: octets.insert(UInt8.random(in: 0...255, using: &generator), at: index)
            case 1 where index < octets.count: octets.remove(at: index)
            case 2: octets.removeSubrange(index...)
            default: if index < octets.count { octets[index] = UInt8.random(in: 0...255, using: &generator) }
            }
        }
        return octets
    }
}
