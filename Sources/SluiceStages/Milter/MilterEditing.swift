// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceMilter

/// Turns what a filter asks for into edits, in order.
struct MilterEditing {
    private(set) var edits: [MessageEdit] = []
    private var numbering: MilterHeaderNumbering
    private let keepsLeadingSpace: Bool
    private var isRecoded = false
    /// ESMTP parameters that were left out, as the filter wrote them.
    private var malformed: [String] = []

    /// So many edits are named in the finding; all stand in the record.
    static let summaryLimit = 20

    /// - Parameter header: as the filter saw it.
    init(_ header: HeaderSection, options: MilterOptions) {
        numbering = MilterHeaderNumbering(header)
        keepsLeadingSpace = options.steps.contains(.leadingSpace)
    }

    /// - Throws: ``MilterStageError`` where one can't be carried out.
    mutating func make(_ modifications: [MilterReply]) throws(MilterStageError) {
        for modification in modifications { if let edit = try edit(modification) { edits.append(edit) } }
    }

    private mutating func edit(_ modification: MilterReply) throws(MilterStageError) -> MessageEdit? {
        switch modification {
        case .addField(let name, let value): return numbering.add(try Self.name(name), text(value))
        case .insertField(let index, let name, let value):
            return numbering.insert(index, try Self.name(name), text(value))
        case .changeField(let index, let name, let value):
            return numbering.change(index, try Self.name(name), text(value))
        case .replaceBody(let body): return .replaceBody(MilterText.body(body))
        case .changeReversePath(let path, let parameters):
            let octets = MilterText.path(path)
            return .changeReversePath(
                octets.isEmpty ? .null : .mailbox(try Self.mailbox(octets)), parameters: read(parameters))
        case .addRecipient(let path): return .addRecipient(try Self.mailbox(MilterText.path(path)))
        case .addRecipientWithParameters(let path, let parameters):
            return .addRecipient(try Self.mailbox(MilterText.path(path)), parameters: read(parameters))
        case .deleteRecipient(let path): return .deleteRecipient(try Self.mailbox(MilterText.path(path)))
        case .negotiate, .proceed, .accept, .reject, .temporaryFailure, .discard, .skip, .replyCode, .shutdown,
            .connectionFailure, .progress, .quarantine:
            return nil
        }
    }

    /// The address is what matters: it is taken even where what stands with it is malformed.
    private mutating func read(_ octets: ByteBuffer?) -> ESMTPParameters? {
        guard let view = octets?.readableBytesView, !view.allSatisfy(\.isWhiteSpace) else { return nil }
        let parameters = ESMTPParameters(view)
        if parameters == nil { malformed.append(MilterReplyText.line(view)) }
        return parameters
    }

    private mutating func text(_ value: ByteBuffer) -> String {
        let (text, isRecoded) = MilterText.fieldValue(value, keepsLeadingSpace: keepsLeadingSpace)
        if isRecoded { self.isRecoded = true }
        return text
    }

    private static func name(_ octets: ByteBuffer) throws(MilterStageError) -> String {
        let view = octets.readableBytesView
        let isName = view.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ":") }
        guard isName, !view.isEmpty else { throw .notAFieldName(MilterReplyText.line(view)) }
        return String(buffer: octets)
    }

    private static func mailbox(_ octets: [UInt8]) throws(MilterStageError) -> Mailbox {
        guard let text = String(validating: octets, as: UTF8.self), let mailbox = Mailbox(text), !mailbox.domain.isEmpty
        else { throw .notAMailbox(MilterReplyText.line(octets)) }
        return mailbox
    }

    /// What was changed, in words.
    func findings(areMade: Bool) -> [Finding] {
        guard !edits.isEmpty else { return [] }
        var list = edits.prefix(Self.summaryLimit).map(\.summary).joined(separator: ", ")
        if edits.count > Self.summaryLimit { list += ", and \(edits.count - Self.summaryLimit) more" }
        guard areMade else {
            return [
                Finding(
                    name: "MILTER_NOT_EDITED", why: "the filter asked for changes that edits: false rules out: \(list)")
            ]
        }
        var findings = [Finding(name: "MILTER_EDITED", why: "the filter changed the message: \(list)")]
        if isRecoded {
            findings.append(
                Finding(
                    name: "MILTER_RECODED",
                    why: "a field's value was not UTF-8; its octets were read as ISO-8859-1 and are UTF-8 now"))
        }
        if !malformed.isEmpty {
            let list = malformed.prefix(Self.summaryLimit).map { "“\($0)”" }.joined(separator: ", ")
            findings.append(
                Finding(
                    name: "MILTER_PARAMETERS", why: "malformed ESMTP parameters of an address were left out: \(list)"))
        }
        return findings
    }
}
