// SPDX-License-Identifier: Apache-2.0
import CPCRE2
import Synchronization

/// The working memory of searches, with their limits: one a thread or a message, not `Sendable`.
package final class PCREScratch {
    let matchData: OpaquePointer
    let context: OpaquePointer
    private let stack: OpaquePointer?

    /// The largest stack of a translated pattern, in octets.
    private static let stackLimit = 512 << 10

    /// - Returns: `nil` where no memory is left.
    package init?(limits: PCRELimits = PCRELimits()) {
        // One pair of offsets: callers ask for the whole match only.
        guard let matchData = pcre2_match_data_create_8(1, nil) else { return nil }
        guard let context = pcre2_match_context_create_8(nil) else {
            pcre2_match_data_free_8(matchData)
            return nil
        }
        pcre2_set_match_limit_8(context, limits.match)
        pcre2_set_depth_limit_8(context, limits.depth)
        pcre2_set_heap_limit_8(context, limits.heap)
        // Without a stack of its own (no memory, no JIT) a pattern has the default of 32 KiB.
        stack = pcre2_jit_stack_create_8(32 << 10, Self.stackLimit, nil)
        if let stack { pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack)) }
        self.matchData = matchData
        self.context = context
    }

    deinit {
        pcre2_match_data_free_8(matchData)
        pcre2_match_context_free_8(context)
        if let stack { pcre2_jit_stack_free_8(stack) }
    }
}

extension PCREScratch {
    /// Lends working memory to a message's searches and keeps it for a later one: a new one costs two system calls, and
    /// every processor that runs a thread of ours is interrupted when it goes.
    ///
    /// - Returns: `nil` where no memory is left.
    package static func lend<Result>(limits: PCRELimits, _ body: (PCREScratch) -> Result) -> Result? {
        let kept = Self.kept.withLock { kept in
            kept.lastIndex { $0.limits == limits }.map { kept.remove(at: $0) }
        }
        guard let lent = kept ?? PCREScratch(limits: limits).map({ Kept(scratch: $0, limits: limits) }) else {
            return nil
        }
        defer { Self.kept.withLock { if $0.count < keptLimit { $0.append(lent) } } }
        return body(lent.scratch)
    }

    /// How many are kept while nobody searches.
    private static let keptLimit = 16
    private static let kept = Mutex<[Kept]>([])

    /// What nobody uses now: a borrower takes it out of the list first, so it is only ever used by one thread at a time.
    private struct Kept: @unchecked Sendable {
        let scratch: PCREScratch
        let limits: PCRELimits
    }
}
