// SPDX-License-Identifier: Apache-2.0

/// A step of the dialogue that may be answered.
enum MilterSessionStep: Int, Hashable, Sendable, CaseIterable {
    case connect, helo, mail, recipient, data, header, endOfHeader, body, endOfMessage, unknown

    /// The flag by which it is agreed that the step isn't answered; `nil` for the one that always is.
    var noReply: MilterSteps? {
        switch self {
        case .connect: .noReplyForConnect
        case .helo: .noReplyForHelo
        case .mail: .noReplyForMail
        case .recipient: .noReplyForRecipient
        case .data: .noReplyForData
        case .header: .noReplyForHeader
        case .endOfHeader: .noReplyForEndOfHeader
        case .body: .noReplyForBody
        case .endOfMessage: nil
        case .unknown: .noReplyForUnknown
        }
    }

    /// The step that has this command code; `nil` for none.
    init?(code: UInt8) {
        switch code {
        case MilterCommandCode.connect: self = .connect
        case MilterCommandCode.helo: self = .helo
        case MilterCommandCode.mail: self = .mail
        case MilterCommandCode.recipient: self = .recipient
        case MilterCommandCode.data: self = .data
        case MilterCommandCode.header: self = .header
        case MilterCommandCode.endOfHeader: self = .endOfHeader
        case MilterCommandCode.body: self = .body
        case MilterCommandCode.endOfMessage: self = .endOfMessage
        case MilterCommandCode.unknown: self = .unknown
        default: return nil
        }
    }
}
