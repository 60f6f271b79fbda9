// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// What a simulated disk holds: what is on stable storage, what only the cache has, and what is to go wrong.
struct SimulatedDiskState {
    struct Rule {
        var kind: String
        var path: String
        var code: Int32
        var times: Int
    }

    /// A change of a directory that was not synced.
    enum Entry {
        case link(String, Int)
        case unlink(String)
        case rename(from: String, to: String, Int)

        var paths: [String] {
            switch self {
            case .link(let path, _), .unlink(let path): [path]
            case .rename(let from, let to, _): [from, to]
            }
        }

        func apply(to names: inout [String: Int]) {
            switch self {
            case .link(let path, let inode): names[path] = inode
            case .unlink(let path): names[path] = nil
            case .rename(let from, let to, let inode):
                names[from] = nil
                names[to] = inode
            }
        }
    }

    var inodes: [Int: SimulatedInode] = [:]
    /// The names as processes see them, and as they are after a power cut.
    var cached: [String: Int] = [:]
    private var durable: [String: Int] = [:]
    var pendingEntries: [Entry] = []
    var failures: [Int: Int32] = [:]
    var rules: [Rule] = []
    /// One call in so many fails, where it is set.
    var failureOdds: Int?
    var spared: Set<String> = []
    var powerCut: Int?
    /// What failed and what was lost so far, by name.
    var counts: [String: Int] = [:]
    var calls = 0
    var synchronizations = 0
    var freeSpace: Int64 = 1 << 40
    private(set) var boot = 0
    private(set) var isDown = false
    private var nextInode = 1
    private var generator: SeededGenerator
    /// Which calls fail is chosen apart from what is lost, so that the same seed loses the same octets.
    private var failureGenerator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        failureGenerator = SeededGenerator(seed: ~seed)
    }

    func error(_ call: String, _ path: String, _ code: Int32) -> StorageError {
        let meaning = [2: "No such file", 9: "Bad file descriptor", 17: "File exists"][code]
        return StorageError(
            call: call, path: path, code: code, meaning: meaning ?? DiskFault(code: code)?.meaning ?? "error \(code)")
    }

    /// Counts a call, and fails it where it is to fail.
    mutating func call(_ kind: String, _ path: String) throws(StorageError) {
        if isDown { throw error(kind, path, 5) }
        calls += 1
        if calls == powerCut {
            isDown = true
            throw error(kind, path, 5)
        }
        if let code = failure(of: kind, path) {
            counts["\(kind) \(DiskFault(code: code)?.rawValue ?? "error \(code)")", default: 0] += 1
            throw error(kind, path, code)
        }
    }

    private mutating func failure(of kind: String, _ path: String) -> Int32? {
        if let code = failures[calls] { return code }
        for index in rules.indices
        where rules[index].times > 0 && rules[index].kind == kind
            && (rules[index].path.isEmpty || path.contains(rules[index].path))
        {
            rules[index].times -= 1
            return rules[index].code
        }
        guard let failureOdds, !spared.contains(kind), Int.random(in: 0..<failureOdds, using: &failureGenerator) == 0
        else { return nil }
        return DiskFault.allCases.filter { $0.calls.contains(kind) }.randomElement(using: &failureGenerator)?.code
    }

    /// How many of a write's octets a call that failed had written.
    mutating func writtenBeforeFailure(of count: Int) -> Int {
        let written = Int.random(in: 0...count, using: &failureGenerator)
        if written > 0, written < count { counts["short writes", default: 0] += 1 }
        return written
    }

    mutating func create(_ path: String) -> Int {
        let inode = nextInode
        nextInode += 1
        inodes[inode] = SimulatedInode()
        cached[path] = inode
        pendingEntries.append(.link(path, inode))
        return inode
    }

    mutating func synchronizeEntries(of directory: String) {
        pendingEntries.removeAll { entry in
            guard
                entry.paths.contains(where: {
                    $0.split(separator: "/").dropLast() == directory.split(separator: "/")[...]
                })
            else { return false }
            entry.apply(to: &durable)
            return true
        }
    }

    /// Some of what waited may have reached the disk; the rest is dropped from the cache's list of what is to be
    /// written, though it can still be read: a second sync has nothing to do, and succeeds.
    mutating func failSynchronize(_ inode: Int) {
        // Where the power went, it is the restart that decides.
        if !isDown { inodes[inode]?.settle(using: &generator, &counts) }
    }

    mutating func restart() {
        for inode in inodes.keys.sorted() {
            inodes[inode]?.settle(using: &generator, &counts)
            inodes[inode]?.forgetCache()
        }
        for entry in pendingEntries {
            if Bool.random(using: &generator) {
                entry.apply(to: &durable)
            } else {
                counts["names lost", default: 0] += 1
            }
        }
        pendingEntries = []
        cached = durable
        let named = Set(cached.values)
        inodes = inodes.filter { named.contains($0.key) }
        restartProcess()
    }

    /// Open files are void, and nothing is to fail any more; what the cache has stays.
    mutating func restartProcess() {
        boot += 1
        isDown = false
        powerCut = nil
        repair()
    }

    mutating func repair() {
        failures = [:]
        rules = []
        failureOdds = nil
    }

    mutating func damage(_ path: String, at offset: Int) {
        guard let inode = cached[path] else { return }
        inodes[inode]?.damage(at: offset)
    }
}

/// The octets of one file.
struct SimulatedInode {
    private enum Change {
        case write([UInt8], at: Int)
        case truncate(Int)
    }

    private(set) var cached: [UInt8] = []
    private var durable: [UInt8] = []
    private var pending: [Change] = []
    private static let sector = 512

    private static func apply(_ change: Change, to octets: inout [UInt8]) {
        switch change {
        case .write(let new, let offset):
            if octets.count < offset + new.count {
                octets += [UInt8](repeating: 0, count: offset + new.count - octets.count)
            }
            octets.replaceSubrange(offset..<offset + new.count, with: new)
        case .truncate(let size):
            if octets.count > size { octets.removeLast(octets.count - size) }
        }
    }

    mutating func write(_ octets: [UInt8], at offset: Int) {
        if octets.isEmpty { return }
        pending.append(.write(octets, at: offset))
        Self.apply(.write(octets, at: offset), to: &cached)
    }

    mutating func truncate(to size: Int) {
        pending.append(.truncate(size))
        Self.apply(.truncate(size), to: &cached)
    }

    mutating func synchronize() {
        for change in pending { Self.apply(change, to: &durable) }
        pending = []
    }

    /// Each sector of what waits reaches the disk or doesn't.
    mutating func settle(using generator: inout SeededGenerator, _ counts: inout [String: Int]) {
        var hasLost = false
        for change in pending {
            var kept = 0
            var lost = 0
            switch change {
            case .truncate:
                if Bool.random(using: &generator) {
                    Self.apply(change, to: &durable)
                    kept += 1
                } else {
                    lost += 1
                    counts["truncations lost", default: 0] += 1
                }
            case .write(let octets, let offset):
                var start = 0
                while start < octets.count {
                    let end = min(octets.count, ((offset + start) / Self.sector + 1) * Self.sector - offset)
                    if Bool.random(using: &generator) {
                        Self.apply(.write(Array(octets[start..<end]), at: offset + start), to: &durable)
                        kept += 1
                    } else {
                        lost += 1
                    }
                    start = end
                }
                if kept == 0 { counts["writes lost", default: 0] += 1 }
                if kept > 0, lost > 0 { counts["writes torn", default: 0] += 1 }
            }
            if hasLost, kept > 0 { counts["changes out of order", default: 0] += 1 }
            if lost > 0 { hasLost = true }
        }
        pending = []
    }

    mutating func forgetCache() { cached = durable }

    mutating func damage(at offset: Int) {
        if cached.indices.contains(offset) { cached[offset] ^= 0x5A }
        if durable.indices.contains(offset) { durable[offset] ^= 0x5A }
    }
}
