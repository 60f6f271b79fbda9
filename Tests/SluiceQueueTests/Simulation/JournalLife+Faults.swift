// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting

@testable import SluiceQueue

/// What befalls a journal, and how it comes through.
extension JournalLife {
    /// An hour passes, or the clock is set: a day either way, or back to where it was.
    mutating func moveClock() {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: time.advance(by: .seconds(3600))
        case 1:
            counts.add("clock set a day forward")
            time.advance(by: .seconds(86400))
        case 2:
            counts.add("clock set a day back")
            time.advance(by: .seconds(-86400))
        default:
            counts.add("clock set at random")
            time.advance(by: .seconds(Int.random(in: -86400...86400, using: &generator)))
        }
    }

    /// From now on calls fail: now and then, a few of a kind, or all of a kind until it is mended.
    mutating func breakDisk() {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0, 1: disk.failRandomly(oneIn: [2, 5, 20, 100].randomElement(using: &generator) ?? 20)
        case 2:
            disk.fail(by: DiskFault.allCases.randomElement(using: &generator) ?? .noSpace)
            counts.add("times that a disk was full, read only, broken or out of descriptors")
        case 3:
            let fault = DiskFault.allCases.randomElement(using: &generator) ?? .inputOutput
            let call = fault.calls.sorted().randomElement(using: &generator) ?? "fdatasync"
            disk.failNext(call, code: fault.code, times: Int.random(in: 1...3, using: &generator))
        case 4: disk.setFreeSpace(Int64.random(in: 0...1500, using: &generator))
        default: history.failRandomly(oneIn: Int.random(in: 1...4, using: &generator))
        }
    }

    /// Nothing fails any more. What next hops did is recorded at once, and nothing needs a person.
    mutating func mend() async throws {
        disk.repair()
        disk.setFreeSpace(1 << 40)
        history.failRandomly(oneIn: nil)
        // A power cut that is to come comes first.
        guard disk.isWell else { return }
        let requests = owed
        owed = []
        if !requests.isEmpty { try await askFor(requests) }
        try model.check(queue)
        counts.add("queues compared with what was promised")
    }

    /// Reads: the account, what a command without a server would see, what could be salvaged.
    mutating func look() async throws {
        guard disk.isWell else {
            // It may fail; it must do no harm.
            let account = try? await queue.account()
            let salvaged = try? await queue.salvage()
            if account == nil || salvaged == nil { counts.add("reads failed") }
            return
        }
        try model.check(try await queue.account(), isPruned: isPruned)
        guard try await queue.salvage().isEmpty else { throw BrokenPromise("there is something to salvage") }
        if isConcurrent || !model.inDoubt.isEmpty { return }
        let reading = try MailQueue.read(
            directory: Self.directory, storage: disk, configuration: configuration, time: time,
            recorder: VolatileHistory(seed: seed), logger: queue.logger)
        try model.check(reading)
    }

    /// The process ends: in good order, killed, or by a power cut, between two calls or in the middle of one.
    mutating func interrupt() async throws {
        if chance(20) {
            await queue.close()
            counts.add("closed in good order")
            return try await restart(losesPower: chance(30))
        }
        if chance(20) { return try await restart(losesPower: chance(50)) }
        // The next steps go on until it happens.
        disk.cutPower(atCall: disk.calls + Int.random(in: 1...15, using: &generator))
    }

    /// A new process takes the directory up, in which calls may fail and which may be ended in the middle, too; then all
    /// that was promised has to be there.
    mutating func restart(losesPower: Bool) async throws {
        var losesPower = losesPower
        for attempt in 0... {
            counts.add(losesPower ? "power cuts" : "kills")
            if losesPower { disk.restart() } else { disk.restartProcess() }
            history.restart()
            let isDisturbed = attempt < 4 && disturbRecovery()
            do throws(JournalError) {
                queue = try open()
                if isDisturbed { counts.add("starts in spite of failures") }
                // Where the disk failed, the history may lack what the next start tells it.
                if !disk.isDown, !isDisturbed { break }
            } catch {
                guard error.isTransient else { throw BrokenPromise("no start: \(error)") }
                guard attempt < 4 else { throw BrokenPromise("no start, though the disk is well: \(error)") }
                counts.add("starts that failed")
            }
            losesPower = chance(50)
        }
        disk.repair()
        disk.cutPower(atCall: nil)
        guard queue.setAside.isEmpty else { throw BrokenPromise("taken for damage: \(queue.setAside)") }
        let done = try model.settle(queue, history)
        for request in owed where !done.contains(request.tag) {
            for effect in request.effects where effect.state == .delivered { unrecorded.insert(effect.address) }
        }
        owed = []
        try model.check(try await queue.account(), isPruned: isPruned)
        counts.add("recoveries compared with what was promised")
    }

    /// - Returns: whether calls may fail without an end of the process.
    private mutating func disturbRecovery() -> Bool {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0, 1:
            disk.cutPower(atCall: disk.calls + Int.random(in: 1...80, using: &generator))
            return false
        case 2:
            // What can't be read three times is taken for damage.
            disk.failRandomly(
                oneIn: [5, 20, 50].randomElement(using: &generator) ?? 20, sparing: ["pread"])
        case 3:
            let fault = DiskFault.allCases.randomElement(using: &generator) ?? .inputOutput
            disk.failNext(
                fault.calls.sorted().randomElement(using: &generator) ?? "open", code: fault.code,
                times: Int.random(in: 1...2, using: &generator))
        case 4: disk.failNext("pread", code: DiskFault.inputOutput.code, times: 2)
        case 5: history.failRandomly(oneIn: 1)
        default: return false
        }
        return true
    }

    /// Everything is delivered, and nothing is left behind.
    mutating func end() async throws {
        try await restart(losesPower: chance(50))
        try await mend()
        var request = SimulatedRequest(tag: "end")
        for item in queue.items() {
            for (number, recipient) in item.recipients.enumerated() where !recipient.state.isFinal {
                request.add(item, number, becomes: .removed)
            }
        }
        if !request.changes.isEmpty { try await askFor([request]) }
        for _ in 0..<2 {
            time.advance(by: .seconds(7200))
            try await queue.maintain(now: time.now)
        }
        try model.check(queue)
        try model.check(try await queue.account(), isPruned: isPruned)
        let left = disk.files.filter { !$0.hasPrefix(Self.directory + "/ledger/") }
        guard left.count == 1, left[0].hasPrefix(Self.directory + "/journal/") else {
            throw BrokenPromise("files are left: \(left)")
        }
        counts.add(disk.counts)
        counts.add("history EIO", history.failures)
        counts.add("lives")
    }
}
