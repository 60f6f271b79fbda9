// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import SluiceCore
import SluiceTesting

@testable import SluiceQueue

/// The life of one state directory: random requests, upkeep, failures, jumps of the clock, kills and power cuts, against
/// a model of what was promised.
///
/// With one request at a time the same seed gives the same life; with several at once it gives the same requests, and
/// what is done in which order is the machine's.
struct JournalLife {
    static let directory = "/state"

    let seed: UInt64
    let isConcurrent: Bool
    let counts: SimulationCounts
    let disk: SimulatedDisk
    let history: VolatileHistory
    let time = ManualTime()
    var configuration = MailQueue.Configuration()
    var queue: MailQueue
    var model = JournalModel()
    var generator: SeededGenerator
    /// What next hops did and the journal has not taken yet.
    var owed: [SimulatedRequest] = []
    /// Addresses whose copy went out before a crash, without a record of it.
    var unrecorded: Set<String> = []
    var steps = 0
    private var made = 0

    init(seed: UInt64, isConcurrent: Bool, counts: SimulationCounts) throws {
        self.seed = seed
        self.isConcurrent = isConcurrent
        self.counts = counts
        generator = SeededGenerator(seed: seed)
        disk = SimulatedDisk(seed: seed)
        history = VolatileHistory(seed: seed)
        configuration.inlineLimit = 2000
        configuration.segmentSize = Int64.random(in: 2000...30_000, using: &generator)
        configuration.ledgerFileSize = Int64.random(in: 500...20_000, using: &generator)
        configuration.freeSpaceReserve = 1000
        if Int.random(in: 0..<4, using: &generator) == 0 { configuration.ledgerKeep = .seconds(86400) }
        if Int.random(in: 0..<4, using: &generator) == 0 { configuration.quarantineSize = 5000 }
        queue = try Self.open(disk, configuration, time, history)
    }

    var isPruned: Bool { configuration.ledgerKeep < .seconds(10 * 86400) }

    func open() throws(JournalError) -> MailQueue { try Self.open(disk, configuration, time, history) }

    private static func open(
        _ disk: SimulatedDisk, _ configuration: MailQueue.Configuration, _ time: ManualTime, _ history: VolatileHistory
    ) throws(JournalError) -> MailQueue {
        try MailQueue.open(
            directory: directory, storage: disk, configuration: configuration, time: time, recorder: history,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    /// Lives so many steps, then sees to it that all ends well.
    mutating func run(steps limit: Int) async throws {
        while steps < limit {
            try await step()
            if disk.isDown { try await restart(losesPower: chance(60)) }
        }
        if chance(25) { try await endByDamage() } else { try await end() }
    }

    private mutating func step() async throws {
        steps += 1
        counts.add("steps")
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<72: try await askFor(requests())
        case 72..<80: try await maintain()
        case 80..<83: moveClock()
        case 83..<88: breakDisk()
        case 88..<91: try await mend()
        case 91..<94: try await look()
        default: try await interrupt()
        }
    }

    // MARK: Requests

    /// One request or, in a life in which things happen at once, several: those that are owed first.
    private mutating func requests() -> [SimulatedRequest] {
        var requests = owed
        owed = []
        let items = queue.items()
        var busy = Set(requests.flatMap(\.addresses))
        for _ in 0..<(isConcurrent ? Int.random(in: 1...5, using: &generator) : requests.isEmpty ? 1 : 0) {
            made += 1
            let request =
                items.count < 5 || (items.count < 25 && chance(40))
                ? commit() : change(items.filter { item in !item.recipients.contains { $0.isIn(busy) } })
            guard let request else { continue }
            busy.formUnion(request.addresses)
            requests.append(request)
        }
        return requests
    }

    private mutating func message(_ id: String, isNotice: Bool = false) -> SimulatedRequest.Message {
        var states: [NewRecipient.InitialState] = [.queued]
        if !isNotice {
            states += [
                .queued, .queued, .queued, .held, .quarantined(reason: "r\(made)"), .removed(reason: "r\(made)"),
            ]
        }
        var recipients = (0..<Int.random(in: 1...3, using: &generator)).map { number in
            NewRecipient(Sample.mailbox("\(id)-\(number)"), states.randomElement(using: &generator) ?? .queued)
        }
        var items = [recipients]
        if recipients.count > 1, chance(30) { items = [[recipients.removeLast()], recipients] }
        return SimulatedRequest.Message(
            id: id, content: Sample.content(id, length: Int.random(in: 50...3000, using: &generator)),
            isStaged: !isNotice && chance(25), items: items)
    }

    private mutating func commit() -> SimulatedRequest {
        var request = SimulatedRequest(tag: "r\(made)")
        request.add(message("m\(made)"))
        return request
    }

    /// What delivery, an operator or retention does to a recipient.
    private mutating func change(_ items: [QueueItem]) -> SimulatedRequest? {
        guard let item = items.randomElement(using: &generator) else { return nil }
        var request = SimulatedRequest(tag: "r\(made)")
        let live = item.recipients.indices.filter { !item.recipients[$0].state.isFinal }
        guard let number = live.randomElement(using: &generator) else { return nil }
        let later = time.now + .seconds(Int.random(in: 0...20_000, using: &generator))
        if item.recipients[number].state.name == .queued, chance(70) {
            request.isOutcome = true
            let due = live.filter { item.recipients[$0].state.name == .queued }
            for number in due {
                switch Int.random(in: 0..<10, using: &generator) {
                case 0..<7:
                    request.add(item, number, becomes: .delivered)
                    deliver(item.recipients[number].mailbox.localPart)
                case 7..<9: request.add(item, number, becomes: .queued(attempts: 1, nextAttempt: later))
                default: request.add(item, number, becomes: .bounced)
                }
            }
            if request.effects.contains(where: { $0.state == .bounced }), chance(80) {
                request.add(message("n\(made)", isNotice: true))
            }
            return request
        }
        let states: [RecipientState] = [
            .queued(attempts: 0, nextAttempt: time.now), .held, .quarantined(reason: "test", since: time.now), .removed,
            .removed,
        ].filter { item.recipients[number].state.allows($0) }
        if let state = states.randomElement(using: &generator) { request.add(item, number, becomes: state) }
        return request
    }

    /// The next hop takes a copy.
    private mutating func deliver(_ address: String) {
        counts.add("copies delivered")
        if unrecorded.remove(address) != nil { counts.add("second copies, the first not recorded when a crash came") }
    }

    /// Asks for all of it at once, and notes what was promised.
    mutating func askFor(_ requests: [SimulatedRequest]) async throws {
        steps += max(0, requests.count - 1)
        counts.add("steps", max(0, requests.count - 1))
        let wasWell = disk.isWell
        let results = await perform(requests)
        var failed: [SimulatedRequest] = []
        var hasDone = false
        for (request, error) in zip(requests, results) {
            guard let error else {
                model.acknowledge(request)
                counts.add(request.changes.isEmpty ? "messages acknowledged" : "changes acknowledged")
                hasDone = true
                continue
            }
            guard error.isTransient else { throw BrokenPromise("\(error)") }
            if wasWell, disk.isWell, !isExpected(error, request) {
                throw BrokenPromise("the disk is well, and still: \(error)")
            }
            counts.add("requests failed")
            failed.append(request)
        }
        if hasDone { model.resolveDoubt() }
        if failed.isEmpty { return }
        owed += failed.filter(\.isOutcome)
        let isSealed = try await queue.onJournal { (writer) throws(StorageError) in writer.current != nil }
        if !isSealed { for request in failed { model.doubt(request) } }
    }

    private func perform(_ requests: [SimulatedRequest]) async -> [JournalError?] {
        let queue = queue
        if !isConcurrent {
            var results: [JournalError?] = []
            for request in requests {
                results.append(
                    await failure { () throws(JournalError) in try await request.perform(queue) })
            }
            return results
        }
        return await withTaskGroup(of: (Int, JournalError?).self) { group in
            for (place, request) in requests.enumerated() {
                group.addTask {
                    (place, await failure { () throws(JournalError) in try await request.perform(queue) })
                }
            }
            let now = time.now
            // What fails here fails in the upkeep that has a step of its own, too, and is looked at there.
            group.addTask { (-1, await failure { () throws(JournalError) in try await queue.maintain(now: now) }) }
            var results = [JournalError?](repeating: nil, count: requests.count)
            for await (place, error) in group where place >= 0 { results[place] = error }
            return results
        }
    }

    /// What a disk that is well may answer.
    private func isExpected(_ error: JournalError, _ request: SimulatedRequest) -> Bool {
        switch error {
        case .quarantineFull: configuration.quarantineSize < 10_000
        case .storage(let error):
            error.code == DiskFault.noSpace.code && request.changes.isEmpty
                && disk.freeSpace < configuration.freeSpaceReserve
        default: false
        }
    }

    mutating func maintain() async throws {
        time.advance(by: .seconds(Int.random(in: 0...5000, using: &generator)))
        let wasWell = disk.isWell
        let fails = history.isFailing
        let error = await failure { [queue, time] () throws(JournalError) in try await queue.maintain(now: time.now) }
        guard let error else { return }
        guard error.isTransient else { throw BrokenPromise("\(error)") }
        if wasWell, disk.isWell, !fails { throw BrokenPromise("the disk is well, and still: \(error)") }
        counts.add("upkeeps failed")
    }
}

/// What a call failed by.
private func failure(
    _ body: @Sendable () async throws(JournalError) -> Void
) async -> JournalError? {
    do throws(JournalError) {
        try await body()
        return nil
    } catch {
        return error
    }
}

extension QueuedRecipient {
    fileprivate func isIn(_ addresses: Set<String>) -> Bool { addresses.contains(mailbox.localPart) }
}
