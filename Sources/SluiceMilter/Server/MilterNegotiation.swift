// SPDX-License-Identifier: Apache-2.0

/// The option negotiation: what is agreed on is never more than what the MTA offers.
enum MilterNegotiation {
    /// The versions that we speak. Version 1 had other rules for its options, and no MTA of this century has it.
    static let versions: ClosedRange<UInt32> = 2...6

    /// - Returns: the answer; `nil` where the MTA's version is too old.
    static func answer(to offer: MilterOptions, _ configuration: MilterServerConfiguration) -> MilterOptions? {
        guard offer.version >= versions.lowerBound else { return nil }
        // As libmilter has it, an MTA that offers nothing means what version 1 had.
        let offeredActions = offer.actions.isEmpty ? MilterActions.version1 : offer.actions
        let offeredSteps = offer.steps.isEmpty ? MilterSteps.version1 : offer.steps
        let actions = configuration.actions.intersection(offeredActions)
        return MilterOptions(
            version: min(offer.version, versions.upperBound), actions: actions,
            steps: configuration.steps.intersection(offeredSteps),
            macroLists: actions.contains(.setMacroLists) ? configuration.macroLists : [:])
    }
}

extension MilterActions {
    /// What has to be agreed on before a modification may be sent; `nil` for a reply that is no modification.
    static func needed(for reply: MilterReply) -> MilterActions? {
        switch reply {
        case .addField, .insertField: .addFields
        case .changeField: .changeFields
        case .replaceBody: .replaceBody
        case .addRecipient: .addRecipients
        case .addRecipientWithParameters: .addRecipientsWithParameters
        case .deleteRecipient: .deleteRecipients
        case .changeReversePath: .changeReversePath
        case .quarantine: .quarantine
        case .negotiate, .proceed, .accept, .reject, .temporaryFailure, .discard, .skip, .replyCode, .shutdown,
            .connectionFailure, .progress:
            nil
        }
    }
}
