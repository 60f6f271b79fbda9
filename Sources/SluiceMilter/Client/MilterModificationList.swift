// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// What a filter asks for at the end of a message, within limits.
struct MilterModificationList: Sendable {
    private let limits: MilterClientLimits
    private var modifications: [MilterReply] = []
    private var octets = 0
    /// The new body; its pieces follow one another, whatever stands between them.
    private var body: ByteBuffer?

    init(_ limits: MilterClientLimits) { self.limits = limits }

    /// In the order in which they were asked for, the new body as one piece at the end.
    var all: [MilterReply] { modifications + (body.map { [.replaceBody($0)] } ?? []) }

    /// Takes one down.
    ///
    /// - Returns: what is wrong, where there are too many.
    mutating func add(_ modification: MilterReply) -> String? {
        if case .replaceBody(let piece) = modification {
            guard (body?.readableBytes ?? 0) + piece.readableBytes <= limits.body else {
                return "the filter sent a body of more than \(limits.body) octets"
            }
            var whole = body ?? ByteBuffer()
            body = nil  // so that it has one owner and grows in place
            whole.writeImmutableBuffer(piece)
            body = whole
            return nil
        }
        octets += modification.octets
        guard modifications.count < limits.modifications, octets <= limits.octets else {
            return "the filter asked for more than \(limits.modifications) changes or \(limits.octets) octets of them"
        }
        modifications.append(modification)
        return nil
    }
}

extension MilterReply {
    /// The action that has to be negotiated for a modification.
    var action: MilterActions {
        switch self {
        case .addField, .insertField: .addFields
        case .changeField: .changeFields
        case .replaceBody: .replaceBody
        case .changeReversePath: .changeReversePath
        case .addRecipient: .addRecipients
        case .addRecipientWithParameters: .addRecipientsWithParameters
        case .deleteRecipient: .deleteRecipients
        case .quarantine: .quarantine
        case .negotiate, .proceed, .accept, .reject, .temporaryFailure, .discard, .skip, .replyCode, .shutdown,
            .connectionFailure, .progress:
            []
        }
    }

    /// The octets of text that a modification holds.
    fileprivate var octets: Int {
        switch self {
        case .quarantine(let text), .addRecipient(let text), .deleteRecipient(let text), .replaceBody(let text):
            text.readableBytes
        case .addField(let name, let value), .insertField(_, let name, let value), .changeField(_, let name, let value):
            name.readableBytes + value.readableBytes
        case .changeReversePath(let path, let parameters), .addRecipientWithParameters(let path, let parameters):
            path.readableBytes + (parameters?.readableBytes ?? 0)
        case .negotiate, .proceed, .accept, .reject, .temporaryFailure, .discard, .skip, .replyCode, .shutdown,
            .connectionFailure, .progress:
            0
        }
    }
}
