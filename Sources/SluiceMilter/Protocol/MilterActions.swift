// SPDX-License-Identifier: Apache-2.0

/// What a filter may do to a message: the SMFIF flags of the option negotiation (sendmail's `libmilter/mfapi.h`).
///
/// The MTA offers what it can do, the filter answers with what it will use; flags that we don't know are kept.
package struct MilterActions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// SMFIF_ADDHDRS: add header fields; inserting them is the same right.
    package static let addFields = MilterActions(rawValue: 0x01)
    /// SMFIF_CHGBODY.
    package static let replaceBody = MilterActions(rawValue: 0x02)
    /// SMFIF_ADDRCPT.
    package static let addRecipients = MilterActions(rawValue: 0x04)
    /// SMFIF_DELRCPT.
    package static let deleteRecipients = MilterActions(rawValue: 0x08)
    /// SMFIF_CHGHDRS: change or delete header fields (version 2).
    package static let changeFields = MilterActions(rawValue: 0x10)
    /// SMFIF_QUARANTINE (version 2).
    package static let quarantine = MilterActions(rawValue: 0x20)
    /// SMFIF_CHGFROM: change the reverse-path (version 6).
    package static let changeReversePath = MilterActions(rawValue: 0x40)
    /// SMFIF_ADDRCPT_PAR: add recipients with ESMTP parameters (version 6).
    package static let addRecipientsWithParameters = MilterActions(rawValue: 0x80)
    /// SMFIF_SETSYMLIST: name the macros that are wanted at each step (version 6).
    package static let setMacroLists = MilterActions(rawValue: 0x100)

    /// SMFI_V1_ACTS: what a peer of version 1 knows.
    package static let version1 = MilterActions(rawValue: 0x0F)
    /// SMFI_V2_ACTS: what a peer of versions 2 to 4 knows.
    package static let version2 = MilterActions(rawValue: 0x3F)
    /// SMFI_CURR_ACTS: all of version 6.
    package static let version6 = MilterActions(rawValue: 0x1FF)
}
