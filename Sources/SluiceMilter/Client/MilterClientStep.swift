// SPDX-License-Identifier: Apache-2.0

/// What a filter is being told.
package enum MilterClientStep: Hashable, Sendable {
    case negotiation
    case connect
    case helo
    case mail
    /// The n-th recipient, counted from 0.
    case recipient(Int)
    case data
    /// The n-th field of the header section, counted from 0.
    case header(Int)
    case endOfHeader
    /// The body from this octet on.
    case body(Int)
    case endOfMessage

    /// Whether the filter is within a mail transaction once it has been told this.
    var isInTransaction: Bool {
        switch self {
        case .negotiation, .connect, .helo: false
        case .mail, .recipient, .data, .header, .endOfHeader, .body, .endOfMessage: true
        }
    }

    /// The step before which macros are told; `nil` where none are.
    var macroStep: MilterMacroStep? {
        switch self {
        case .connect: .connect
        case .helo: .helo
        case .mail: .mail
        case .recipient: .recipient
        case .data: .data
        case .endOfHeader: .endOfHeader
        case .endOfMessage: .endOfMessage
        case .negotiation, .header, .body: nil
        }
    }

    /// The flag by which the filter asks not to be told.
    var omission: MilterSteps {
        switch self {
        case .connect: .noConnect
        case .helo: .noHelo
        case .mail: .noMail
        case .recipient: .noRecipient
        case .data: .noData
        case .header: .noHeader
        case .endOfHeader: .noEndOfHeader
        case .body: .noBody
        case .negotiation, .endOfMessage: []
        }
    }

    /// The flag by which the filter says that it does not answer.
    var silence: MilterSteps {
        switch self {
        case .connect: .noReplyForConnect
        case .helo: .noReplyForHelo
        case .mail: .noReplyForMail
        case .recipient: .noReplyForRecipient
        case .data: .noReplyForData
        case .header: .noReplyForHeader
        case .endOfHeader: .noReplyForEndOfHeader
        case .body: .noReplyForBody
        case .negotiation, .endOfMessage: []
        }
    }
}

extension MilterClientStep: CustomStringConvertible {
    package var description: String {
        switch self {
        case .negotiation: "the option negotiation"
        case .connect: "connect"
        case .helo: "helo"
        case .mail: "mail"
        case .recipient: "recipient"
        case .data: "data"
        case .header: "header"
        case .endOfHeader: "end of header"
        case .body: "body"
        case .endOfMessage: "end of message"
        }
    }
}
