// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore

/// How an MTA counts where a field is inserted (SMFIR_INSHEADER) between two of the client's; Postfix and Sendmail differ
/// (docs/milter.md).
package struct MilterIndexRules: Hashable, Sendable {
    /// Fields of the MTA's own that stand above the client's, are never told, and are counted all the same.
    package var hiddenFields: UInt32
    /// Whether a field that was deleted is still counted.
    package var countsDeleted: Bool

    package init(hiddenFields: UInt32, countsDeleted: Bool) {
        self.hiddenFields = hiddenFields
        self.countsDeleted = countsDeleted
    }

    /// Its own Received stands above all.
    package static let postfix = MilterIndexRules(hiddenFields: 1, countsDeleted: false)
    /// Its own Received, and the places that it keeps for seven fields which a message may lack: Resent-Date, Date,
    /// Resent-From, From, Full-Name, Resent-Message-Id, Message-Id.
    package static let sendmail = MilterIndexRules(hiddenFields: 8, countsDeleted: true)

    /// - Parameter version: the macro `v`: Sendmail tells a bare number. An MTA that doesn't say who it is is taken for
    ///   Postfix.
    package static func of(version: String?) -> MilterIndexRules {
        version?.utf8.first?.isASCIIDigit ?? false ? .sendmail : .postfix
    }
}

/// Turns the edits of a decision into what an MTA is told, so that the message which the MTA then has is the message
/// with the edits applied (``Message/applying(_:)``).
///
/// The edits aren't told one after the other: what counts is the header section that they lead to. Changes and deletions
/// come first, from the last field to the first, so that it doesn't matter whether a deleted field is still counted
/// among those of its name. Then insertions: above all of the client's, the lowest first, at 1, which is right below the
/// MTA's own Received with both MTAs; between two of the client's, from the top, at the place that it has in the end,
/// counted as the MTA counts; below all of the client's far behind the end, which is the end (Sendmail puts a field that
/// is merely *added* above the first of its name).
package struct MilterModificationPlan: Sendable {
    package private(set) var modifications: [MilterReply] = []
    /// What the MTA did not give the right to, or the protocol can't say, in words.
    package private(set) var notes: [String] = []
    private let options: MilterOptions
    private let rules: MilterIndexRules

    /// - Parameters:
    ///   - header: the fields as the MTA told them.
    ///   - edits: in their order; those of the envelope are left out here.
    ///   - options: what was negotiated.
    package init(
        header: HeaderSection, edits: [MessageEdit], options: MilterOptions, rules: MilterIndexRules = .postfix
    ) {
        self.options = options
        self.rules = rules
        var editor = HeaderEditor(header.fields)
        var body: [UInt8]?
        for edit in edits {
            if case .replaceBody(let octets) = edit { body = octets } else { editor.make(edit) }
        }
        let entries = editor.entries
        replaceAndDelete(header.fields, entries)
        insert(entries)
        if let body { replace(body) }
    }

    // MARK: Envelope

    /// The reverse-path becomes another one.
    ///
    /// - Parameter parameters: those of MAIL. RET and ENVID are told; of all others Postfix and Sendmail make something
    ///   different (docs/milter.md).
    package mutating func changeReversePath(to path: ReversePath, parameters: ESMTPParameters? = nil) {
        guard options.actions.contains(.changeReversePath) else {
            notes.append("the MTA lets no reverse-path be changed: it keeps the one it has")
            return
        }
        let told = told(parameters, ["RET", "ENVID"], of: "the reverse-path")
        modifications.append(
            .changeReversePath(
                ByteBuffer(string: "<\(path.written)>"), parameters: told.map { ByteBuffer(string: $0.written) }))
    }

    /// - Parameter parameters: those of RCPT. NOTIFY and ORCPT are told; with any other Sendmail would not add the
    ///   recipient (docs/milter.md).
    package mutating func addRecipient(_ mailbox: Mailbox, parameters: ESMTPParameters? = nil) {
        guard options.actions.contains(.addRecipients) else {
            notes.append("the MTA lets no recipient be added: <\(mailbox)> is left out")
            return
        }
        let path = ByteBuffer(string: "<\(mailbox)>")
        guard let told = told(parameters, ["NOTIFY", "ORCPT"], of: "<\(mailbox)>") else {
            modifications.append(.addRecipient(path))
            return
        }
        guard options.actions.contains(.addRecipientsWithParameters) else {
            notes.append("the MTA takes no parameters of a recipient: <\(mailbox)> is added without \(told.written)")
            modifications.append(.addRecipient(path))
            return
        }
        modifications.append(.addRecipientWithParameters(path, parameters: ByteBuffer(string: told.written)))
    }

    /// The recipient is the client's own, and stays as it came.
    package mutating func leaveOut(_ parameters: ESMTPParameters, of mailbox: Mailbox) {
        notes.append("<\(mailbox)> is a recipient already: \(parameters.written) is left out")
    }

    /// The parameters that both MTAs take, with a well-formed value.
    private mutating func told(
        _ parameters: ESMTPParameters?, _ keywords: Set<String>, of whom: String
    ) -> ESMTPParameters? {
        guard let parameters else { return nil }
        var meant = DSNParameters()
        meant.take(parameters)
        let recipient = RecipientDSNParameters(parameters)
        let wellFormed = Set(
            (meant.written + recipient.written).compactMap {
                $0.split(separator: "=", maxSplits: 1).first.map(String.init)
            }
        ).intersection(keywords)
        let rest = parameters.filter { !wellFormed.contains($0.keyword) }
        if let rest {
            notes.append("the parameters of \(whom) that the MTAs differ about are left out: \(rest.written)")
        }
        return parameters.filter { wellFormed.contains($0.keyword) }
    }

    /// - Parameter path: the forward-path as the MTA told it: another spelling would not be found.
    package mutating func deleteRecipient(_ path: ByteBuffer) {
        guard options.actions.contains(.deleteRecipients) else {
            notes.append("the MTA lets no recipient be deleted: \(String(buffer: path)) stays")
            return
        }
        modifications.append(.deleteRecipient(path))
    }

    // MARK: Header section

    private mutating func replaceAndDelete(_ fields: [HeaderField], _ entries: [HeaderEditor.Entry]) {
        var kept = entries.lazy.filter { $0.origin != nil }.reversed().makeIterator()
        var next = kept.next()
        var occurrences: [Int: UInt32]?
        var isRefused = false
        for index in fields.indices.reversed() {
            var change: HeaderField?
            if next?.origin == index {
                if let field = next?.field, field != fields[index] { change = field }
                next = kept.next()
                if change == nil { continue }
            }
            guard options.actions.contains(.changeFields) else {
                isRefused = true
                continue
            }
            let counted = occurrences ?? Self.occurrences(fields)
            occurrences = counted
            let name = ByteBuffer(string: (change ?? fields[index]).name)
            let value = change.map { written($0, isChange: true) } ?? ByteBuffer()
            modifications.append(.changeField(index: counted[index] ?? 1, name: name, value: value))
        }
        if isRefused { notes.append("the MTA lets no field be changed or deleted: those fields stay") }
    }

    /// The number of each field among those of its name, counted from 1.
    private static func occurrences(_ fields: [HeaderField]) -> [Int: UInt32] {
        var counts: [String: UInt32] = [:]
        var occurrences: [Int: UInt32] = [:]
        for (index, field) in fields.enumerated() {
            let count = (counts[field.name.asciiLowercased()] ?? 0) + 1
            counts[field.name.asciiLowercased()] = count
            occurrences[index] = count
        }
        return occurrences
    }

    /// Sendmail's index is signed.
    private static let behindTheEnd = 0x7FFF_FFFF

    private mutating func insert(_ entries: [HeaderEditor.Entry]) {
        guard entries.contains(where: { $0.origin == nil }) else { return }
        guard options.actions.contains(.addFields) else {
            notes.append("the MTA lets no field be added: the trace fields are left out")
            return
        }
        let first = entries.firstIndex { $0.origin != nil } ?? entries.endIndex
        let last = entries.lastIndex { $0.origin != nil } ?? entries.endIndex
        for entry in entries[..<first].reversed() { insert(entry.field, at: 1) }
        var nextOrigin = 0
        var deleted = 0
        for (position, entry) in entries.enumerated().dropFirst(first) {
            if let origin = entry.origin {
                deleted += origin - nextOrigin
                nextOrigin = origin + 1
            } else if position < last {
                insert(
                    entry.field, at: position + Int(rules.hiddenFields) + (rules.countsDeleted ? deleted : 0))
            } else {
                insert(entry.field, at: Self.behindTheEnd)
            }
        }
    }

    private mutating func insert(_ field: HeaderField, at index: Int) {
        modifications.append(
            .insertField(
                index: UInt32(clamping: index), name: ByteBuffer(string: field.name),
                value: written(field, isChange: false)))
    }

    /// A field's value as the MTA wants it: LF where it is folded. The space after the colon is among it; the session
    /// takes it away where the MTA puts one there itself.
    private func written(_ field: HeaderField, isChange: Bool) -> ByteBuffer {
        let raw = field.rawValue
        var value = ByteBuffer()
        if raw.readableBytesView.contains(0x0D) {
            let view = raw.readableBytesView
            value.reserveCapacity(view.count)
            for index in view.indices {
                let isFold = view[index] == 0x0D && index + 1 < view.endIndex && view[index + 1] == 0x0A
                if !isFold { value.writeInteger(view[index]) }
            }
        } else {
            value = raw
        }
        // An empty value would delete the field.
        if isChange, value.readableBytes == 0 { value.writeString(" ") }
        return value
    }

    // MARK: Body

    private mutating func replace(_ octets: [UInt8]) {
        guard options.actions.contains(.replaceBody) else {
            notes.append("the MTA lets no body be replaced: it keeps the one it has")
            return
        }
        modifications.append(.replaceBody(ByteBuffer(bytes: octets)))
    }
}
