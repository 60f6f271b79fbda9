// SPDX-License-Identifier: Apache-2.0

/// A set of hashes, up to a number of them: open addressing in one array, without hashing them again but for a factor
/// that nobody outside knows, so that words can't be chosen to collide.
struct HashSet {
    private static let factor = UInt64.random(in: 0...UInt64.max) | 1

    private var slots: [UInt64]
    private var shift: UInt64
    /// 0 marks an empty slot.
    private var hasZero = false
    private(set) var count = 0
    private let limit: Int

    /// - Parameter expected: how many there probably are.
    init(limit: Int, expected: Int) {
        self.limit = limit
        var size = 64
        while size < 2 * min(limit, expected) { size *= 2 }
        slots = [UInt64](repeating: 0, count: size)
        shift = UInt64(64 - size.trailingZeroBitCount)
    }

    var isFull: Bool { count >= limit }

    /// Adds a hash; nothing where the set is full.
    mutating func insert(_ hash: UInt64) {
        if isFull { return }
        if hash == 0 {
            if !hasZero { count += 1 }
            hasZero = true
            return
        }
        let slot = slot(of: hash)
        guard slots[slot] == 0 else { return }
        slots[slot] = hash
        count += 1
        if 4 * count > 3 * slots.count { grow() }
    }

    func contains(_ hash: UInt64) -> Bool { hash == 0 ? hasZero : slots[slot(of: hash)] == hash }

    /// How many stand in both.
    func countShared(with other: HashSet) -> Int {
        var shared = hasZero && other.hasZero ? 1 : 0
        for hash in slots where hash != 0 && other.contains(hash) { shared += 1 }
        return shared
    }

    /// Where the hash stands, else the empty slot for it.
    private func slot(of hash: UInt64) -> Int {
        var slot = Int((hash &* Self.factor) >> shift)
        while slots[slot] != 0, slots[slot] != hash { slot = slot + 1 == slots.count ? 0 : slot + 1 }
        return slot
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 2)
        shift -= 1
        for hash in old where hash != 0 { slots[slot(of: hash)] = hash }
    }
}
