// SPDX-License-Identifier: Apache-2.0

/// Which steps are left out and which are not answered: the SMFIP flags of the option negotiation (sendmail's
/// `libmilter/mfdef.h`).
package struct MilterSteps: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let noConnect = MilterSteps(rawValue: 0x01)
    package static let noHelo = MilterSteps(rawValue: 0x02)
    package static let noMail = MilterSteps(rawValue: 0x04)
    package static let noRecipient = MilterSteps(rawValue: 0x08)
    package static let noBody = MilterSteps(rawValue: 0x10)
    package static let noHeader = MilterSteps(rawValue: 0x20)
    package static let noEndOfHeader = MilterSteps(rawValue: 0x40)
    package static let noReplyForHeader = MilterSteps(rawValue: 0x80)
    package static let noUnknown = MilterSteps(rawValue: 0x100)
    package static let noData = MilterSteps(rawValue: 0x200)
    /// The MTA understands `skip`.
    package static let skip = MilterSteps(rawValue: 0x400)
    /// The MTA tells rejected recipients too.
    package static let rejectedRecipients = MilterSteps(rawValue: 0x800)
    package static let noReplyForConnect = MilterSteps(rawValue: 0x1000)
    package static let noReplyForHelo = MilterSteps(rawValue: 0x2000)
    package static let noReplyForMail = MilterSteps(rawValue: 0x4000)
    package static let noReplyForRecipient = MilterSteps(rawValue: 0x8000)
    package static let noReplyForData = MilterSteps(rawValue: 0x10000)
    package static let noReplyForUnknown = MilterSteps(rawValue: 0x20000)
    package static let noReplyForEndOfHeader = MilterSteps(rawValue: 0x40000)
    package static let noReplyForBody = MilterSteps(rawValue: 0x80000)
    /// Header values keep the space after the colon; without it the MTA takes one away and puts one back.
    package static let leadingSpace = MilterSteps(rawValue: 0x100000)
    /// Packets of up to 256 KiB; in none of Debian's MTAs.
    package static let packets256K = MilterSteps(rawValue: 0x1000_0000)
    /// Packets of up to 1 MiB; in none of Debian's MTAs.
    package static let packets1M = MilterSteps(rawValue: 0x2000_0000)

    /// SMFI_V1_PROT: what a peer of version 1 knows.
    package static let version1 = MilterSteps(rawValue: 0x3F)
    /// SMFI_V2_PROT: what a peer of versions 2 to 4 knows.
    package static let version2 = MilterSteps(rawValue: 0x7F)
    /// SMFI_CURR_PROT: all of version 6.
    package static let version6 = MilterSteps(rawValue: 0x1FFFFF)
}
