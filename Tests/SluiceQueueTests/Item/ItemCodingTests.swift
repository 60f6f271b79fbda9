// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite struct ItemCodingTests {
    private static func text(_ generator: inout SeededGenerator) -> String {
        String(
            decoding: (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                UInt8.random(in: 32...126, using: &generator)
            }, as: UTF8.self) + (Bool.random(using: &generator) ? "é" : "")
    }

    private static func edit(_ generator: inout SeededGenerator) -> MessageEdit {
        let mailbox = Mailbox(localPart: text(&generator), domain: "example.org")
        switch Int.random(in: 0..<9, using: &generator) {
        case 0:
            return .addField(
                name: "X", value: text(&generator), position: Bool.random(using: &generator) ? nil : 3)
        case 1: return .changeField(name: "Subject", occurrence: 2, value: text(&generator))
        case 2: return .deleteField(name: "X", occurrence: 1)
        case 3: return .replaceBody(Array(text(&generator).utf8))
        case 4: return .changeReversePath(Bool.random(using: &generator) ? .null : .mailbox(mailbox))
        case 5: return .addRecipient(mailbox)
        case 6: return .addRecipient(mailbox, parameters: ESMTPParameters("NOTIFY=NEVER X".utf8))
        case 7: return .changeReversePath(.null, parameters: ESMTPParameters("RET=FULL".utf8))
        default: return .deleteRecipient(mailbox)
        }
    }

    private static func dsn(_ recipients: [QueuedRecipient], _ generator: inout SeededGenerator) -> DSNParameters? {
        var dsn = DSNParameters(
            returned: [.full, .headers, nil].randomElement(using: &generator) ?? nil,
            envelopeID: Bool.random(using: &generator) ? "env+20id" : nil)
        for recipient in recipients where Bool.random(using: &generator) {
            dsn[recipient.mailbox] = RecipientDSNParameters(
                notify: Bool.random(using: &generator) ? nil : .init(rawValue: UInt8.random(in: 0...7)),
                originalRecipient: Bool.random(using: &generator) ? nil : "rfc822;a@b")
        }
        return dsn.isEmpty ? nil : dsn
    }

    private static func state(_ generator: inout SeededGenerator) -> RecipientState {
        let time = Timestamp(milliseconds: Int64.random(in: 0...1 << 45, using: &generator))
        let states: [RecipientState] = [
            .queued(attempts: 7, nextAttempt: time), .held, .quarantined(reason: text(&generator), since: time),
            .delivered, .bounced, .removed,
        ]
        return states.randomElement(using: &generator) ?? .held
    }

    private static func transaction(_ generator: inout SeededGenerator) -> Transaction {
        let stored = StoredMessage(
            number: generator.next() >> 12, messageID: text(&generator), acceptedAt: Timestamp(seconds: 5),
            content: StoredContent(
                place: [.file("F"), .segment(3, offset: 99)].randomElement(using: &generator) ?? .file("F"),
                length: Int.random(in: 0...1 << 40, using: &generator), checksum: 7, recordLength: 8,
                recordChecksum: 9))
        let recipients = (0..<3).map { _ in
            QueuedRecipient(
                mailbox: Mailbox(localPart: text(&generator), domain: "d.example"), state: state(&generator),
                attempts: 4,
                steps: [
                    .init(
                        time: Timestamp(seconds: 9), state: .queued, by: text(&generator), why: text(&generator),
                        reply: Bool.random(using: &generator) ? nil : text(&generator), nextHop: "mx")
                ])
        }
        let item = QueueItem(
            id: QueueID(number: stored.number), messageID: stored.messageID, messageNumber: stored.number,
            acceptedAt: stored.acceptedAt, reversePath: .null, is8BitMIME: Bool.random(using: &generator),
            isInternationalized: Bool.random(using: &generator), edits: (0..<4).map { _ in edit(&generator) },
            size: stored.content.length,
            origin: Bool.random(using: &generator)
                ? nil : ItemOrigin(listener: text(&generator), digest: generator.octets(32)),
            dsn: dsn(recipients, &generator), recipients: recipients)
        let change = StateChange(
            item: QueueID(number: 8), recipient: 3, state: state(&generator), replyCode: 451, reply: text(&generator),
            nextHop: nil, by: text(&generator), why: text(&generator))
        return Transaction(
            time: Timestamp(seconds: 77), changes: [change], messages: [.init(stored: stored, items: [item])])
    }

    @Test("items without an origin are written as version 1 wrote them, and its segments are read")
    func version1() throws {
        let item = QueueItem(
            id: QueueID(number: 1), messageID: "m", messageNumber: 1, acceptedAt: Timestamp(seconds: 5),
            reversePath: .null, isInternationalized: true, recipients: [])
        var written = ByteBuffer()
        written.writeItem(item)
        // Number, no reverse-path, not 8BITMIME, internationalized, no edits, no recipients.
        #expect(Array(buffer: written) == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
        var header = SegmentHeader(number: 7, salt: 9).encoded()
        for copy in 0..<2 {
            let start = copy * SegmentHeader.copyLength
            header.setInteger(UInt32(1), at: start + 8, endianness: .little)
            let covered = try #require(header.getSlice(at: start, length: 32))
            header.setInteger(CRC32C.of(covered), at: start + 32, endianness: .little)
        }
        #expect(SegmentHeader(header) == SegmentHeader(number: 7, salt: 9))
        for copy in 0..<2 { header.setInteger(UInt32(9), at: copy * SegmentHeader.copyLength + 8, endianness: .little) }
        #expect(SegmentHeader(header) == nil)
    }

    @Test("what is written is read again as it was, whatever it is")
    func roundTrip() throws {
        for seed in 1...300 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let transaction = Self.transaction(&generator)
            var reader = RecordReader(transaction.encoded())
            let read = try Transaction(&reader, segment: 1, contentOffset: 0)
            #expect(read == transaction, "seed \(seed)")
            #expect(reader.isAtEnd)
        }
    }

    @Test("octets that are not what is written are malformed, never a trap")
    func malformed() {
        for seed in 1...2000 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var octets = Array(buffer: Self.transaction(&generator).encoded())
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<octets.count, using: &generator)
                octets[index] = UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) {
                octets.removeLast(Int.random(in: 0..<octets.count, using: &generator))
            }
            var reader = RecordReader(ByteBuffer(bytes: octets))
            do throws(MalformedRecord) {
                _ = try Transaction(&reader, segment: 1, contentOffset: 0)
            } catch {
                #expect(!error.what.isEmpty)
            }
        }
    }

    @Test("a queue id is read back from how it is written, in either case")
    func queueID() {
        for seed in 0...500 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let id = QueueID(number: generator.next() >> UInt64.random(in: 0...63, using: &generator))
            #expect(QueueID(id.description) == id)
            #expect(QueueID(id.description.lowercased()) == id)
        }
        for text in ["", "I", "O1", "ABC-1", "ZZZZZZZZZZZZZZ", "ZZZZZZZZZZZZZ", "é"] { #expect(QueueID(text) == nil) }
    }

    @Test("a recipient's steps are bounded, the first and the latest being kept")
    func stepLimit() {
        var recipient = QueuedRecipient(mailbox: Sample.mailbox("a"), state: .held)
        for number in 0..<200 {
            let state = RecipientState.queued(attempts: number, nextAttempt: Timestamp(seconds: 0))
            recipient.enter(
                state, .init(time: Timestamp(seconds: Int64(number)), state: .queued, by: "", why: ""))
        }
        #expect(recipient.steps.count == QueuedRecipient.stepLimit && recipient.attempts == 199)
        #expect(recipient.steps.first?.time.seconds == 0 && recipient.steps.last?.time.seconds == 199)
    }

    @Test("of the transitions exactly those of the table are allowed")
    func transitions() {
        let time = Timestamp(seconds: 1)
        let all: [RecipientState] = [
            .queued(attempts: 0, nextAttempt: time), .held, .quarantined(reason: "", since: time), .delivered, .bounced,
            .removed,
        ]
        let table = ["111111", "111111", "111001", "000000", "000000", "000000"]
        for (from, row) in zip(all, table) {
            #expect(all.map { from.allows($0) ? "1" : "0" }.joined() == row, "\(from)")
        }
    }

    @Test("a number that no sum could hold is in no record of ours", arguments: [1 << 63, (1 << 52) + 1, 1 << 52])
    func numbers(number: UInt64) throws {
        var buffer = ByteBuffer()
        buffer.writeNumber(number)
        var numbers = RecordReader(buffer)
        var times = RecordReader(buffer)
        if number == RecordReader.numberLimit {
            #expect(try numbers.number() == number)
            #expect(try times.timestamp().milliseconds == Int64(number))
        } else {
            #expect(throws: MalformedRecord.self) { try numbers.number() }
            #expect(throws: MalformedRecord.self) { try times.timestamp() }
        }
    }

    @Test("both copies of a segment's header are the same") func headers() {
        let header = SegmentHeader(number: 5, salt: 7).encoded()
        #expect(header.readableBytes == SegmentHeader.length)
        #expect(header.getSlice(at: 0, length: 64) == header.getSlice(at: 64, length: 64))
    }
}
