// SPDX-License-Identifier: Apache-2.0

/// What one side says in the option negotiation (SMFIC_OPTNEG, in both directions).
package struct MilterOptions: Hashable, Sendable {
    /// The protocol version; this program speaks 2 to 6.
    package var version: UInt32
    package var actions: MilterActions
    package var steps: MilterSteps
    /// The macros that the filter wants at each step (only in its answer, and only with `setMacroLists`). A step that
    /// isn't named here keeps the MTA's own list.
    package var macroLists: [MilterMacroStep: [String]]

    package init(
        version: UInt32, actions: MilterActions, steps: MilterSteps, macroLists: [MilterMacroStep: [String]] = [:]
    ) {
        self.version = version
        self.actions = actions
        self.steps = steps
        self.macroLists = macroLists
    }
}

/// A step at which macros are told: SMFIM_CONNECT and its like (`libmilter/mfapi.h`).
package enum MilterMacroStep: UInt32, Hashable, Sendable, CaseIterable {
    case connect = 0
    case helo = 1
    case mail = 2
    case recipient = 3
    case data = 4
    case endOfMessage = 5
    case endOfHeader = 6
}
