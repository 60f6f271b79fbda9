// SPDX-License-Identifier: Apache-2.0

/// What an MTA offers at the negotiation: SMFIC_OPTNEG's three numbers, as `mfapi.h` and `mfdef.h` number them.
package struct MTAOffer: Sendable, Equatable {
    package var version: UInt32
    /// SMFIF_ flags: what the milter may alter.
    package var actions: UInt32
    /// SMFIP_ flags: what the MTA can leave out, wait for or add.
    package var steps: UInt32

    package init(version: UInt32, actions: UInt32, steps: UInt32) {
        self.version = version
        self.actions = actions
        self.steps = steps
    }

    /// Everything that version 6 knows.
    package static let full = MTAOffer.version(6)

    /// Everything that a version knows: 3 brought unknown commands, 4 brought DATA, 6 brought the rest.
    package static func version(_ version: UInt32) -> MTAOffer {
        switch version {
        case ...2: MTAOffer(version: version, actions: 0x3F, steps: 0x7F)
        case 3: MTAOffer(version: version, actions: 0x3F, steps: 0x17F)
        case 4, 5: MTAOffer(version: version, actions: 0x3F, steps: 0x37F)
        default: MTAOffer(version: version, actions: 0x1FF, steps: 0x1F_FFFF)
        }
    }

    package func without(_ action: MTAAction) -> MTAOffer {
        MTAOffer(version: version, actions: actions & ~action.rawValue, steps: steps)
    }

    package func without(_ step: MTAStepFlag) -> MTAOffer {
        MTAOffer(version: version, actions: actions, steps: steps & ~step.rawValue)
    }
}

/// An SMFIF_ flag.
package enum MTAAction: UInt32, CaseIterable, Sendable {
    case addHeader = 0x1
    case changeBody = 0x2
    case addRecipient = 0x4
    case deleteRecipient = 0x8
    case changeHeader = 0x10
    case quarantine = 0x20
    case changeSender = 0x40
    case addRecipientWithParameters = 0x80
    case setSymbolList = 0x100
}

/// An SMFIP_ flag.
package enum MTAStepFlag: UInt32, CaseIterable, Sendable {
    case noConnect = 0x1
    case noHelo = 0x2
    case noMail = 0x4
    case noRecipient = 0x8
    case noBody = 0x10
    case noHeader = 0x20
    case noEndOfHeader = 0x40
    case noReplyHeader = 0x80
    case noUnknown = 0x100
    case noData = 0x200
    case skip = 0x400
    case rejectedRecipients = 0x800
    case noReplyConnect = 0x1000
    case noReplyHelo = 0x2000
    case noReplyMail = 0x4000
    case noReplyRecipient = 0x8000
    case noReplyData = 0x1_0000
    case noReplyUnknown = 0x2_0000
    case noReplyEndOfHeader = 0x4_0000
    case noReplyBody = 0x8_0000
    case headerLeadingSpace = 0x10_0000
}
