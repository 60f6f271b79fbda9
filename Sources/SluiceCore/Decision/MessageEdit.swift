// SPDX-License-Identifier: Apache-2.0

/// A change that a stage wants made to a message: the milter protocol's own list.
///
/// The content as received stays as it is; edits are applied on transmission (relay) or sent to the MTA (milter).
package enum MessageEdit: Hashable, Sendable, Codable {
    /// Adds a field. `position` counts fields from the top, 0 being the first place; `nil` is the end of the section.
    /// The value may be folded (CRLF, then white space).
    case addField(name: String, value: String, position: Int?)
    /// Changes the value of the n-th field of that name, counted from 1 at the top.
    case changeField(name: String, occurrence: Int, value: String)
    /// Deletes the n-th field of that name, counted from 1 at the top.
    case deleteField(name: String, occurrence: Int)
    case replaceBody([UInt8])
    /// `parameters` are MAIL's; of them RET and ENVID are applied, and the others stand in the record.
    case changeReversePath(ReversePath, parameters: ESMTPParameters? = nil)
    /// `parameters` are RCPT's; of them NOTIFY and ORCPT are applied, and the others stand in the record.
    case addRecipient(Mailbox, parameters: ESMTPParameters? = nil)
    case deleteRecipient(Mailbox)

    /// The edit in words, for the record.
    package var summary: String {
        switch self {
        case .addField(let name, _, _): "add field \(name)"
        case .changeField(let name, let occurrence, _): "change field \(name) (\(occurrence))"
        case .deleteField(let name, let occurrence): "delete field \(name) (\(occurrence))"
        case .replaceBody(let octets): "replace body (\(octets.count) octets)"
        case .changeReversePath(let path, let parameters):
            "change reverse-path to <\(path.written)>\(Self.words(parameters))"
        case .addRecipient(let mailbox, let parameters): "add recipient <\(mailbox)>\(Self.words(parameters))"
        case .deleteRecipient(let mailbox): "delete recipient <\(mailbox)>"
        }
    }

    private static func words(_ parameters: ESMTPParameters?) -> String { parameters.map { " " + $0.written } ?? "" }
}
