// SPDX-License-Identifier: Apache-2.0

/// A step of a session as the MTA sees it.
package enum MTAStep: String, CaseIterable, Sendable {
    case negotiation
    case connect
    case helo
    case mail
    case recipient
    case data
    case header
    case endOfHeader
    case body
    case endOfMessage

    /// Whether the packet has still to be sent, or its reply still to be read.
    package enum Moment: String, CaseIterable, Sendable { case before, waiting }

    /// The command.
    var code: Character {
        switch self {
        case .negotiation: "O"
        case .connect: "C"
        case .helo: "H"
        case .mail: "M"
        case .recipient: "R"
        case .data: "T"
        case .header: "L"
        case .endOfHeader: "N"
        case .body: "B"
        case .endOfMessage: "E"
        }
    }

    /// The flag that leaves the step out.
    var omission: MTAStepFlag? {
        switch self {
        case .negotiation, .endOfMessage: nil
        case .connect: .noConnect
        case .helo: .noHelo
        case .mail: .noMail
        case .recipient: .noRecipient
        case .data: .noData
        case .header: .noHeader
        case .endOfHeader: .noEndOfHeader
        case .body: .noBody
        }
    }

    /// The flag that leaves its reply out.
    var silence: MTAStepFlag? {
        switch self {
        case .negotiation, .endOfMessage: nil
        case .connect: .noReplyConnect
        case .helo: .noReplyHelo
        case .mail: .noReplyMail
        case .recipient: .noReplyRecipient
        case .data: .noReplyData
        case .header: .noReplyHeader
        case .endOfHeader: .noReplyEndOfHeader
        case .body: .noReplyBody
        }
    }

    /// The number of the step in SMFIC_OPTNEG's lists of symbols (SMFIM_CONNECT and so on).
    var symbolList: UInt32? {
        switch self {
        case .connect: 0
        case .helo: 1
        case .mail: 2
        case .recipient: 3
        case .data: 4
        case .endOfMessage: 5
        case .endOfHeader: 6
        case .negotiation, .header, .body: nil
        }
    }
}
