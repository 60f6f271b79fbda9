// SPDX-License-Identifier: Apache-2.0

/// Random numbers that are the same for the same seed (SplitMix64), so that a property that fails can be run again.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// So many octets, each taken from `alphabet`, or from all where it is empty.
    package mutating func octets(_ count: Int, from alphabet: [UInt8] = []) -> [UInt8] {
        (0..<count).map { _ in alphabet.randomElement(using: &self) ?? UInt8.random(in: 0...255, using: &self) }
    }
}

extension Array where Element == UInt8 {
    /// Cuts into pieces of random length, none empty.
    package func randomPieces<Generator: RandomNumberGenerator>(using generator: inout Generator) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = self[...]
        while !rest.isEmpty {
            let length = Int.random(in: 1...Swift.max(1, Swift.min(rest.count, 12)), using: &generator)
            pieces.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}
