// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

extension RecipientStep.State {
    /// The state as the journal and the ledger write it.
    var octet: UInt8 {
        switch self {
        case .queued: 1
        case .held: 2
        case .quarantined: 3
        case .delivered: 4
        case .bounced: 5
        case .removed: 6
        }
    }

    init(octet: UInt8) throws(MalformedRecord) {
        switch octet {
        case 1: self = .queued
        case 2: self = .held
        case 3: self = .quarantined
        case 4: self = .delivered
        case 5: self = .bounced
        case 6: self = .removed
        default: throw MalformedRecord(what: "no state has the number \(octet)")
        }
    }
}

extension ByteBuffer {
    mutating func writeState(_ state: RecipientState) {
        writeNumber(state.name.octet)
        switch state {
        case .queued(let attempts, let nextAttempt):
            writeNumber(UInt32(clamping: attempts))
            writeTimestamp(nextAttempt)
        case .quarantined(let reason, let since):
            writeText(reason)
            writeTimestamp(since)
        case .held, .delivered, .bounced, .removed: break
        }
    }

    mutating func writeReversePath(_ path: ReversePath) {
        writeFlag(path.mailbox != nil)
        if let mailbox = path.mailbox { writeMailbox(mailbox) }
    }

    /// One octet of flags, and what they announce. Version 1 of the journal knew the first flag alone.
    private mutating func writeItemFlags(_ item: QueueItem) {
        var flags = ItemFlags()
        if item.isInternationalized { flags.insert(.internationalized) }
        if item.origin != nil { flags.insert(.origin) }
        if item.dsn != nil { flags.insert(.dsn) }
        writeNumber(flags.rawValue)
        if let origin = item.origin {
            writeText(origin.listener)
            writeNumber(UInt32(origin.digest.count))
            writeBytes(origin.digest)
        }
        if let dsn = item.dsn { writeDSN(dsn, item.recipients) }
    }

    /// RET, ENVID, and for each recipient of the item NOTIFY and ORCPT.
    private mutating func writeDSN(_ dsn: DSNParameters, _ recipients: [QueuedRecipient]) {
        writeOptionalText(dsn.returned?.rawValue)
        writeOptionalText(dsn.envelopeID)
        writeNumber(UInt32(recipients.count))
        for recipient in recipients {
            writeMailbox(recipient.mailbox)
            writeOptionalText(dsn[recipient.mailbox].notify?.written)
            writeOptionalText(dsn[recipient.mailbox].originalRecipient)
        }
    }

    mutating func writeItem(_ item: QueueItem) {
        writeNumber(item.id.number)
        writeReversePath(item.reversePath)
        writeFlag(item.is8BitMIME)
        writeItemFlags(item)
        writeNumber(UInt32(item.edits.count))
        for edit in item.edits { writeEdit(edit) }
        writeNumber(UInt32(item.recipients.count))
        for recipient in item.recipients {
            writeMailbox(recipient.mailbox)
            writeState(recipient.state)
            writeNumber(UInt32(clamping: recipient.attempts))
            writeNumber(UInt32(recipient.steps.count))
            for step in recipient.steps { writeStep(step) }
        }
    }

    private mutating func writeStep(_ step: QueuedRecipient.Step) {
        writeTimestamp(step.time)
        writeNumber(step.state.octet)
        writeText(step.by)
        writeText(step.why)
        writeOptionalText(step.reply)
        writeOptionalText(step.nextHop)
    }

    mutating func writeEdit(_ edit: MessageEdit) {
        switch edit {
        case .addField(let name, let value, let position):
            writeNumber(UInt8(1))
            writeText(name)
            writeText(value)
            writeNumber(Int64(position ?? -1))
        case .changeField(let name, let occurrence, let value):
            writeNumber(UInt8(2))
            writeText(name)
            writeNumber(Int64(occurrence))
            writeText(value)
        case .deleteField(let name, let occurrence):
            writeNumber(UInt8(3))
            writeText(name)
            writeNumber(Int64(occurrence))
        case .replaceBody(let octets):
            writeNumber(UInt8(4))
            writeNumber(UInt32(octets.count))
            writeBytes(octets)
        case .changeReversePath(let path, let parameters):
            writeNumber(UInt8(parameters == nil ? 5 : 8))
            writeReversePath(path)
            if let parameters { writeText(parameters.written) }
        case .addRecipient(let mailbox, let parameters):
            writeNumber(UInt8(parameters == nil ? 6 : 9))
            writeMailbox(mailbox)
            if let parameters { writeText(parameters.written) }
        case .deleteRecipient(let mailbox):
            writeNumber(UInt8(7))
            writeMailbox(mailbox)
        }
    }
}

/// What is told of an item in one octet.
struct ItemFlags: OptionSet, Sendable {
    let rawValue: UInt8
    static let internationalized = ItemFlags(rawValue: 1)
    /// An ``ItemOrigin`` follows.
    static let origin = ItemFlags(rawValue: 2)
    /// ``DSNParameters`` follow.
    static let dsn = ItemFlags(rawValue: 4)
}

extension RecordReader {
    mutating func state() throws(MalformedRecord) -> RecipientState {
        switch try RecipientStep.State(octet: integer()) {
        case .queued: .queued(attempts: Int(try integer(as: UInt32.self)), nextAttempt: try timestamp())
        case .held: .held
        case .quarantined: .quarantined(reason: try text(), since: try timestamp())
        case .delivered: .delivered
        case .bounced: .bounced
        case .removed: .removed
        }
    }

    mutating func reversePath() throws(MalformedRecord) -> ReversePath {
        try flag() ? .mailbox(try mailbox()) : .null
    }

    /// An item; what it shares with its message is not written with it.
    mutating func item(of message: StoredMessage) throws(MalformedRecord) -> QueueItem {
        let id = QueueID(number: try number())
        let reversePath = try reversePath()
        let is8BitMIME = try flag()
        let flags = ItemFlags(rawValue: try integer())
        let origin = try flags.contains(.origin) ? origin() : nil
        let dsn = try flags.contains(.dsn) ? dsn() : nil
        var edits: [MessageEdit] = []
        for _ in 0..<(try count()) { edits.append(try edit()) }
        var recipients: [QueuedRecipient] = []
        for _ in 0..<(try count()) {
            var recipient = QueuedRecipient(mailbox: try mailbox(), state: try state())
            recipient.attempts = Int(try integer(as: UInt32.self))
            for _ in 0..<(try count()) { recipient.steps.append(try step()) }
            recipients.append(recipient)
        }
        return QueueItem(
            id: id, messageID: message.messageID, messageNumber: message.number, acceptedAt: message.acceptedAt,
            reversePath: reversePath, is8BitMIME: is8BitMIME, isInternationalized: flags.contains(.internationalized),
            edits: edits, size: message.content.length, origin: origin,
            // What is asked of others than these is not written either.
            dsn: dsn?.only(recipients.map(\.mailbox)), recipients: recipients)
    }

    private mutating func dsn() throws(MalformedRecord) -> DSNParameters {
        var dsn = DSNParameters()
        if let returned = try optionalText() {
            guard let known = DSNParameters.Returned(rawValue: returned) else {
                throw MalformedRecord(what: "a RET of \(returned.utf8.count) octets that is none")
            }
            dsn.returned = known
        }
        dsn.envelopeID = try optionalText()
        for _ in 0..<(try count()) {
            let mailbox = try mailbox()
            var recipient = RecipientDSNParameters()
            if let notify = try optionalText() {
                guard let known = RecipientDSNParameters.Notify(notify) else {
                    throw MalformedRecord(what: "a NOTIFY of \(notify.utf8.count) octets that is none")
                }
                recipient.notify = known
            }
            recipient.originalRecipient = try optionalText()
            dsn[mailbox] = recipient
        }
        return dsn
    }

    private mutating func parameters() throws(MalformedRecord) -> ESMTPParameters {
        let text = try text()
        guard let parameters = ESMTPParameters(text.utf8) else {
            throw MalformedRecord(what: "\(text.utf8.count) octets that are no ESMTP parameters")
        }
        return parameters
    }

    private mutating func origin() throws(MalformedRecord) -> ItemOrigin {
        ItemOrigin(listener: try text(), digest: Array(buffer: try octets()))
    }

    private mutating func step() throws(MalformedRecord) -> QueuedRecipient.Step {
        QueuedRecipient.Step(
            time: try timestamp(), state: try RecipientStep.State(octet: integer()), by: try text(), why: try text(),
            reply: try optionalText(), nextHop: try optionalText())
    }

    mutating func edit() throws(MalformedRecord) -> MessageEdit {
        let kind = try integer(as: UInt8.self)
        switch kind {
        case 1:
            let name = try text()
            let value = try text()
            let position = Int(try integer(as: Int64.self))
            return .addField(name: name, value: value, position: position < 0 ? nil : position)
        case 2: return .changeField(name: try text(), occurrence: Int(try integer(as: Int64.self)), value: try text())
        case 3: return .deleteField(name: try text(), occurrence: Int(try integer(as: Int64.self)))
        case 4: return .replaceBody(Array(buffer: try octets()))
        case 5: return .changeReversePath(try reversePath())
        case 6: return .addRecipient(try mailbox())
        case 7: return .deleteRecipient(try mailbox())
        case 8: return .changeReversePath(try reversePath(), parameters: try parameters())
        case 9: return .addRecipient(try mailbox(), parameters: try parameters())
        default: throw MalformedRecord(what: "no edit has the number \(kind)")
        }
    }
}
