// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import NIOCore
import SluiceCore
import SluiceNative
import Synchronization

/// What can be read out of what was set aside.
struct Salvage {
    private struct Found {
        var message: Transaction.NewMessage
        var place: String
        var isWhole: Bool
        var isTrusted: Bool
    }

    private let queue: MailQueue
    private let storage: any Storage
    private let directory: String
    private let ends: [UInt64: Int64]
    /// Segments with damage, by number.
    private var segments: [UInt64: any ContentSource] = [:]
    private var contentFiles: [String] = []

    init(_ queue: MailQueue, ends: [UInt64: Int64]) throws(StorageError) {
        self.queue = queue
        storage = queue.storage
        directory = queue.directory
        self.ends = ends
        let names = (try? storage.list(directory + "/aside")) ?? []  // no folder: nothing was ever set aside
        for name in names {
            if name.hasPrefix(AsidePath.contentPrefix) { contentFiles.append(name) }
            guard name.hasSuffix(".reason"), let number = SegmentName.number(of: String(name.dropLast(7))) else {
                continue
            }
            for path in [
                AsidePath.segment(number, in: directory), directory + "/journal/" + SegmentName.of(number),
            ] where storage.exists(path) && segments[number] == nil {
                segments[number] = try FileContent(try storage.open(path, .read))
            }
        }
    }

    func messages() throws(StorageError) -> [SalvagedMessage] {
        var found: [UInt64: Found] = [:]
        var links: [LedgerLink] = []
        for (number, source) in segments.sorted(by: { $0.key < $1.key }) {
            let limit = try end(of: number)
            let pieces = try reading(SegmentName.of(number)) {
                try SegmentCarver(source, number: number, limit: limit).pieces()
            }
            for piece in pieces {
                links += piece.links
                for message in piece.messages {
                    found[message.stored.number] = Found(
                        message: message, place: "segment \(number), octet \(piece.offset)", isWhole: piece.isWhole,
                        isTrusted: piece.isTrusted)
                }
            }
        }
        let requeued = try requeuedNumbers()
        let live = queue.live.table.withLock { table in Set(table.messages.keys) }
        found = found.filter { !live.contains($0.key) && !requeued.contains($0.key) }
        var orphans: [(name: String, number: UInt64)] = []
        for name in contentFiles {
            guard let id = QueueID(name.dropFirst(AsidePath.contentPrefix.utf8.count)) else { continue }
            if found[id.number] == nil, !live.contains(id.number), !requeued.contains(id.number) {
                orphans.append((name, id.number))
            }
        }
        if found.isEmpty && orphans.isEmpty { return [] }
        let states = try states(of: Set(found.keys).union(orphans.map(\.number)), and: links)
        var messages: [SalvagedMessage] = []
        for item in found.values {
            if let message = try message(item, states) { messages.append(message) }
        }
        for orphan in orphans {
            if let message = try message(orphan.name, orphan.number, states) { messages.append(message) }
        }
        return messages.sorted { $0.number < $1.number }
    }

    private func end(of number: UInt64) throws(StorageError) -> Int64? {
        if let end = ends[number] { return end }
        let path = AsidePath.end(number, in: directory)
        guard storage.exists(path) else { return nil }
        let text = String(buffer: try storage.open(path, .read).read(at: 0, count: 32))
        return Int64(text.prefix { $0 != "\n" })
    }

    private func requeuedNumbers() throws(StorageError) -> Set<UInt64> {
        let path = AsidePath.requeued(in: directory)
        guard storage.exists(path) else { return [] }
        let file = try storage.open(path, .read)
        let text = String(buffer: try file.read(at: 0, count: Int(try file.size())))
        return Set(text.split(separator: "\n").compactMap { UInt64($0) })
    }

    private func reading<Value>(_ path: String, _ body: () throws -> Value) throws(StorageError) -> Value {
        do {
            return try body()
        } catch {
            throw error as? StorageError ?? StorageError(call: "read", path: path, code: 0, meaning: "\(error)")
        }
    }

    /// The last state of each recipient of some messages, as far as ledger and segments tell.
    private func states(
        of numbers: Set<UInt64>, and carved: [LedgerLink]
    ) throws(StorageError) -> [UInt64: [RecipientKey: LedgerRecord]] {
        var states: [UInt64: [RecipientKey: LedgerRecord]] = [:]
        func add(_ record: LedgerRecord) {
            guard numbers.contains(record.message) else { return }
            let key = RecipientKey(item: record.item, recipient: Int(record.recipient))
            if let known = states[record.message]?[key], known.sequence > record.sequence { return }
            states[record.message, default: [:]][key] = record
        }
        for file in queue.ledger.files {
            try LedgerFileReader(storage: storage, file: file).read { part in
                if case .link(let link) = part { add(link.record) }
            }
        }
        for (number, end) in ends where end > 0 && segments[number] == nil {
            let path = directory + "/journal/" + SegmentName.of(number)
            guard storage.exists(path) else { continue }
            let source = try FileContent(try storage.open(path, .read))
            try reading(path) {
                for piece in try SegmentCarver(source, number: number, limit: end).pieces() {
                    for link in piece.links { add(link.record) }
                }
            }
        }
        for link in carved { add(link.record) }
        return states
    }

    private func message(
        _ found: Found, _ states: [UInt64: [RecipientKey: LedgerRecord]]
    ) throws(StorageError) -> SalvagedMessage? {
        let stored = found.message.stored
        let known = states[stored.number] ?? [:]
        let items = found.message.items.compactMap { item -> QueueItem? in
            var item = item
            for index in item.recipients.indices {
                switch known[RecipientKey(item: item.id, recipient: index)]?.state {
                case .delivered: item.recipients[index].state = .delivered
                case .bounced: item.recipients[index].state = .bounced
                case .removed: item.recipients[index].state = .removed
                case .queued, .held, .quarantined, nil: break
                }
            }
            return item.isFinished ? nil : item
        }
        if items.isEmpty { return nil }
        var message = SalvagedMessage(
            messageID: stored.messageID, number: stored.number, acceptedAt: stored.acceptedAt, items: items,
            envelope: found.isWhole ? .whole : .damaged, content: nil, contentCondition: .missing, record: nil,
            place: found.place, isTrusted: found.isTrusted)
        guard let (source, offset) = try place(of: stored), let start = Int(exactly: offset), start >= 0,
            start <= source.length, stored.content.length <= source.length - start
        else { return message }
        let content = ContentSlice(source, from: start, length: stored.content.length)
        message.content = content
        try reading(found.place) {
            message.contentCondition =
                try Self.checksum(content) == stored.content.checksum ? .whole : .damaged
            let recordStart = start + stored.content.length
            if recordStart + stored.content.recordLength <= source.length {
                let octets = try source.read(at: recordStart, count: stored.content.recordLength)
                if CRC32C.of(octets) == stored.content.recordChecksum {
                    message.record = try DecisionRecordCoding.decode(octets)
                }
            }
        }
        return message
    }

    private static func checksum(_ content: any ContentSource) throws -> UInt32 {
        var checksum = CRC32C()
        try content.forEachChunk(of: 256 << 10) { checksum.update($0) }
        return checksum.value
    }

    /// Where the content of a message stands; `nil` where that has gone.
    private func place(of stored: StoredMessage) throws(StorageError) -> (any ContentSource, Int64)? {
        switch stored.content.place {
        case .inline: return nil
        case .segment(let number, let offset):
            if let source = segments[number] { return (source, offset) }
            let path = directory + "/journal/" + SegmentName.of(number)
            guard storage.exists(path) else { return try file(QueueID(number: stored.number).description) }
            return (try FileContent(try storage.open(path, .read)), offset)
        case .file(let name): return try file(name)
        }
    }

    private func file(_ name: String) throws(StorageError) -> (any ContentSource, Int64)? {
        for path in [directory + "/content/" + name, directory + "/aside/" + AsidePath.contentPrefix + name]
        where storage.exists(path) {
            return (try FileContent(try storage.open(path, .read)), 0)
        }
        return nil
    }

    /// A file of content of which no record is left: its decision record, behind the content, says whose it was.
    private func message(
        _ name: String, _ number: UInt64, _ states: [UInt64: [RecipientKey: LedgerRecord]]
    ) throws(StorageError) -> SalvagedMessage? {
        let known = states[number] ?? [:]
        if !known.isEmpty, known.values.allSatisfy(\.state.isFinal) { return nil }
        let path = directory + "/aside/" + name
        let source = try FileContent(try storage.open(path, .read))
        let (length, record) = try reading(path) { try Self.recordBehind(source) }
        let content = ContentSlice(source, from: 0, length: length)
        guard let record else {
            return SalvagedMessage(
                messageID: String(name.dropFirst(AsidePath.contentPrefix.utf8.count)).asciiLowercased(),
                number: number, acceptedAt: Timestamp(milliseconds: 0), items: [], envelope: .missing,
                content: content, contentCondition: .damaged, record: nil, place: "aside/\(name)", isTrusted: true)
        }
        let recipients = record.recipients.filter { $0.disposition < .defer }.map {
            QueuedRecipient(mailbox: $0.address, state: .held)
        }
        let item = QueueItem(
            id: QueueID(number: number), messageID: record.id, messageNumber: number, acceptedAt: record.time,
            reversePath: record.reversePath, is8BitMIME: true, edits: record.edits, size: length,
            recipients: recipients)
        // The checksum of the content went with its record; the decision says how long it was.
        return SalvagedMessage(
            messageID: record.id, number: number, acceptedAt: record.time, items: [item], envelope: .damaged,
            content: content, contentCondition: .whole, record: record, place: "aside/\(name)", isTrusted: true)
    }

    /// Where the content of a file ends and its decision record begins.
    private static func recordBehind(_ source: FileContent) throws -> (Int, DecisionRecord?) {
        let tail = min(source.length, recordLimit)
        let start = source.length - tail
        let octets = Array(buffer: try source.read(at: start, count: tail))
        var attempts = 0
        var position = octets.count - 2
        while position >= 0, attempts < attemptLimit {
            defer { position -= 1 }
            guard octets[position] == UInt8(ascii: "{"), octets[position + 1] == UInt8(ascii: "\"") else { continue }
            attempts += 1
            if let record = try? JSONDecoder().decode(DecisionRecord.self, from: Data(octets[position...])) {
                return (start + position, record)
            }
        }
        return (source.length, nil)
    }

    /// The longest record that is looked for.
    private static let recordLimit = 1 << 20
    /// So many places are tried at which one could begin.
    private static let attemptLimit = 5000
}
