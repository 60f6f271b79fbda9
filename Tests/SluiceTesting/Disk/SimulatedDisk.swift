// SPDX-License-Identifier: Apache-2.0
import NIOCore
package import SluiceCore
import Synchronization

/// A disk in memory that keeps no promise which `fdatasync` and directory syncs have not made: at a power cut it drops,
/// tears and reorders what was not synced, and any call can be made to fail.
///
/// Each call of ``Storage`` and ``StorageFile`` that may change or read something has a number, from 1; the same seed
/// loses the same octets.
package final class SimulatedDisk: Storage {
    let state: Mutex<SimulatedDiskState>

    package init(seed: UInt64 = 1) { state = Mutex(SimulatedDiskState(seed: seed)) }

    /// A disk that is now as that one is, and goes its own way from then on.
    package init(copying other: SimulatedDisk) {
        let copy = other.state.withLock { $0 }
        state = Mutex(copy)
    }

    // MARK: What happens to it

    /// How many calls were made.
    package var calls: Int { state.withLock { $0.calls } }
    /// How many times a file was synced.
    package var synchronizations: Int { state.withLock { $0.synchronizations } }

    /// Makes the call with that number fail. A write leaves some of its octets.
    package func fail(call: Int, code: Int32) { state.withLock { $0.failures[call] = code } }

    /// Makes the next calls of a kind fail, so many times.
    ///
    /// - Parameters:
    ///   - kind: `open`, `open to write`, `fstat`, `pread`, `pwrite`, `fdatasync`, `ftruncate`, `rename`, `unlink`, `mkdir`, `fsync`,
    ///     `opendir`, `readdir`, `statvfs`.
    ///   - path: only those on paths that hold this text.
    package func failNext(_ kind: String, on path: String = "", code: Int32, times: Int = 1) {
        state.withLock { $0.rules.append(.init(kind: kind, path: path, code: code, times: times)) }
    }

    /// Makes one call in so many fail, each by something that it can fail by; but those of the kinds in `sparing`.
    package func failRandomly(oneIn odds: Int, sparing kinds: Set<String> = []) {
        state.withLock { state in
            state.failureOdds = max(1, odds)
            state.spared = kinds
        }
    }

    /// Makes every call fail that this can happen to, until ``repair()``.
    package func fail(by fault: DiskFault) {
        state.withLock { state in
            for call in fault.calls {
                state.rules.append(.init(kind: call, path: "", code: fault.code, times: .max))
            }
        }
    }

    /// Forgets what was to fail.
    package func repair() { state.withLock { $0.repair() } }

    /// Whether nothing is to fail.
    package var isWell: Bool {
        state.withLock { state in
            !state.isDown && state.powerCut == nil && state.failureOdds == nil && state.failures.isEmpty
                && state.rules.allSatisfy { $0.times == 0 }
        }
    }

    /// Whether a power cut or the end of the process has come, and no restart since.
    package var isDown: Bool { state.withLock { $0.isDown } }

    /// What failed and what was lost so far: how often, by name.
    package var counts: [String: Int] { state.withLock { $0.counts } }

    /// Cuts the power in the middle of the call with that number; it and all later ones fail until ``restart()``.
    /// `nil` takes it back, where it has not come yet.
    package func cutPower(atCall call: Int?) { state.withLock { $0.powerCut = call } }

    /// Comes up again after a power cut: what was not synced is there, torn or gone. Open files are void.
    package func restart() { state.withLock { $0.restart() } }

    /// Comes up again after the process was killed: what it wrote is there, synced or not. Open files are void.
    package func restartProcess() { state.withLock { $0.restartProcess() } }

    /// Changes one octet of a file, synced or not.
    package func damage(_ path: String, at offset: Int) { state.withLock { $0.damage(path, at: offset) } }

    /// The octets that are free.
    package var freeSpace: Int64 { state.withLock { $0.freeSpace } }

    package func setFreeSpace(_ octets: Int64) { state.withLock { $0.freeSpace = octets } }

    /// The paths of all files, in order.
    package var files: [String] { state.withLock { $0.cached.keys.sorted() } }

    /// A file's octets, as a process reads them.
    package func octets(of path: String) -> [UInt8]? {
        state.withLock { state in state.cached[path].flatMap { state.inodes[$0]?.cached } }
    }

    // MARK: Storage

    package func open(_ path: String, _ mode: StorageOpenMode) throws(StorageError) -> any StorageFile {
        try state.withLock { state throws(StorageError) in
            try state.call("open", path)
            if mode != .read { try state.call("open to write", path) }
            let inode: Int
            switch (mode, state.cached[path]) {
            case (.create, .none): inode = state.create(path)
            case (.create, .some): throw state.error("open", path, 17)
            case (.read, .some(let known)), (.write, .some(let known)): inode = known
            case (.read, .none), (.write, .none): throw state.error("open", path, 2)
            }
            return SimulatedFile(disk: self, path: path, inode: inode, boot: state.boot)
        }
    }

    package func list(_ directory: String) throws(StorageError) -> [String] {
        try state.withLock { state throws(StorageError) in
            try state.call("opendir", directory)
            try state.call("readdir", directory)
            let prefix = directory + "/"
            return state.cached.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
                .filter { !$0.contains("/") }
        }
    }

    /// Directories themselves are taken to be there: what can be lost is what they hold.
    package func createDirectory(_ path: String) throws(StorageError) {
        try state.withLock { state throws(StorageError) in try state.call("mkdir", path) }
    }

    package func rename(_ from: String, to: String) throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            try state.call("rename", from)
            guard let inode = state.cached.removeValue(forKey: from) else { throw state.error("rename", from, 2) }
            state.cached[to] = inode
            state.pendingEntries.append(.rename(from: from, to: to, inode))
        }
    }

    package func remove(_ path: String) throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            try state.call("unlink", path)
            guard state.cached.removeValue(forKey: path) != nil else { throw state.error("unlink", path, 2) }
            state.pendingEntries.append(.unlink(path))
        }
    }

    package func exists(_ path: String) -> Bool { state.withLock { $0.cached[path] != nil } }

    package func synchronizeDirectory(_ path: String) throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            try state.call("fsync", path)
            state.synchronizeEntries(of: path)
        }
    }

    package func freeSpace(_ path: String) throws(StorageError) -> Int64 {
        try state.withLock { state throws(StorageError) in
            try state.call("statvfs", path)
            return state.freeSpace
        }
    }
}

/// An open file of the simulated disk; void after a restart.
final class SimulatedFile: StorageFile {
    private let disk: SimulatedDisk
    let path: String
    private let inode: Int
    private let boot: Int

    init(disk: SimulatedDisk, path: String, inode: Int, boot: Int) {
        self.disk = disk
        self.path = path
        self.inode = inode
        self.boot = boot
    }

    private func with<Value>(
        _ call: String, _ body: (inout SimulatedDiskState) throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        try disk.state.withLock { state throws(StorageError) in
            if state.boot != boot { throw state.error(call, path, 9) }
            return try body(&state)
        }
    }

    func size() throws(StorageError) -> Int64 {
        try with("fstat") { state throws(StorageError) in
            try state.call("fstat", path)
            return Int64(state.inodes[inode]?.cached.count ?? 0)
        }
    }

    func read(at offset: Int64, count: Int) throws(StorageError) -> ByteBuffer {
        try with("pread") { state throws(StorageError) in
            try state.call("pread", path)
            let octets = state.inodes[inode]?.cached ?? []
            let start = min(max(0, Int(offset)), octets.count)
            return ByteBuffer(bytes: octets[start..<min(octets.count, start + max(0, count))])
        }
    }

    func write(_ buffer: ByteBuffer, at offset: Int64) throws(StorageError) {
        try with("pwrite") { state throws(StorageError) in
            let octets = Array(buffer: buffer)
            do throws(StorageError) {
                try state.call("pwrite", path)
            } catch {
                // A write that fails may have got some of its way.
                let written = state.writtenBeforeFailure(of: octets.count)
                state.inodes[inode]?.write(Array(octets.prefix(written)), at: Int(offset))
                throw error
            }
            state.inodes[inode]?.write(octets, at: Int(offset))
        }
    }

    func synchronize() throws(StorageError) {
        try with("fdatasync") { state throws(StorageError) in
            do throws(StorageError) {
                try state.call("fdatasync", path)
            } catch {
                state.failSynchronize(inode)
                throw error
            }
            state.synchronizations += 1
            state.inodes[inode]?.synchronize()
        }
    }

    func truncate(to size: Int64) throws(StorageError) {
        try with("ftruncate") { state throws(StorageError) in
            try state.call("ftruncate", path)
            state.inodes[inode]?.truncate(to: Int(size))
        }
    }
}
