// SPDX-License-Identifier: Apache-2.0

/// The macros of a connection, each for as long as its step lasts: those of connect and helo for the client, those of
/// mail and of all after it for the transaction, and those of a recipient until the next one.
struct MilterMacroScopes: Sendable {
    /// In the order of the dialogue.
    enum Scope: Int, Sendable, CaseIterable {
        case connect, helo, mail, recipient, data, endOfHeader, endOfMessage

        /// - Returns: `nil` for a step whose macros nobody asks for.
        init?(_ step: MilterSessionStep) {
            switch step {
            case .connect: self = .connect
            case .helo: self = .helo
            case .mail: self = .mail
            case .recipient: self = .recipient
            case .data: self = .data
            // Postfix tells those of the end of the header before every field, and those of the end before the body.
            case .header, .endOfHeader: self = .endOfHeader
            case .body, .endOfMessage: self = .endOfMessage
            case .unknown: return nil
            }
        }
    }

    private struct Entry: Sendable {
        var own = MilterMacros()
        /// Its own and those of all scopes before it.
        var all = MilterMacros()
        /// Told since the step last came.
        var isFresh = false
    }

    private var entries = [Entry](repeating: Entry(), count: Scope.allCases.count)
    /// So many entries have `all` right.
    private var merged = 0

    /// What was told before a step replaces what was told before its last time.
    mutating func told(_ macros: MilterMacros, for scope: Scope) {
        entries[scope.rawValue].isFresh = true
        guard entries[scope.rawValue].own != macros else { return }
        entries[scope.rawValue].own = macros
        merged = min(merged, scope.rawValue)
    }

    /// The step has come: what was told for later steps, or for an earlier time of this one, is over.
    mutating func began(_ scope: Scope) {
        if !entries[scope.rawValue].isFresh { clear(scope.rawValue) }
        entries[scope.rawValue].isFresh = false
        for later in entries.indices.dropFirst(scope.rawValue + 1) { clear(later) }
    }

    /// Forgets what was told for this step and all later ones.
    mutating func ended(from scope: Scope) {
        for index in entries.indices.dropFirst(scope.rawValue) { clear(index) }
    }

    /// All that was told up to the step.
    mutating func all(upTo scope: Scope) -> MilterMacros {
        while merged <= scope.rawValue {
            var all = merged > 0 ? entries[merged - 1].all : MilterMacros()
            if !entries[merged].own.values.isEmpty { all.merge(entries[merged].own) }
            entries[merged].all = all
            merged += 1
        }
        return entries[scope.rawValue].all
    }

    private mutating func clear(_ index: Int) {
        entries[index].isFresh = false
        guard !entries[index].own.values.isEmpty else { return }
        entries[index].own = MilterMacros()
        merged = min(merged, index)
    }
}
