// SPDX-License-Identifier: Apache-2.0
import CPCRE2

/// A compiled regular expression over octets (PCRE2, 8-bit, without UTF mode), translated to machine code where the
/// processor allows it.
///
/// It is shared by all threads: "The data in the compiled pattern is fixed, and does not change when the pattern is
/// matched. Therefore, it is thread-safe, that is, the same compiled pattern can be used by more than one thread
/// simultaneously" (pcre2api(3), "Multithreading"; the JIT compiler runs once, before the pattern is shared). All that
/// a match changes stands in a ``PCREScratch``, which is one thread's.
package final class PCREPattern: @unchecked Sendable {
    private let code: OpaquePointer
    /// The number of capture groups.
    package let captureCount: Int
    /// Whether machine code was made; otherwise PCRE2 interprets the pattern, with the same results.
    package let isTranslated: Bool

    /// The longest pattern, in octets.
    package static let lengthLimit = 65536

    /// - Throws: ``PCREError`` with the place in the pattern where it is wrong.
    package init(_ pattern: [UInt8], options: PCREOptions = []) throws(PCREError) {
        guard pattern.count <= Self.lengthLimit else {
            throw PCREError(message: "the expression is longer than \(Self.lengthLimit) octets", offset: 0)
        }
        var number: Int32 = 0
        var offset = 0
        let compiled = pattern.withUnsafeBufferPointer { octets in
            // An empty array may have no address; PCRE2 wants one even for length 0.
            octets.baseAddress.map { pcre2_compile_8($0, octets.count, options.flags, &number, &offset, nil) }
                ?? pcre2_compile_8([0], 0, options.flags, &number, &offset, nil)
        }
        guard let compiled else {
            throw PCREError(message: Self.message(of: number), offset: min(offset, pattern.count))
        }
        code = compiled
        isTranslated = pcre2_jit_compile_8(compiled, PCRE2_JIT_COMPLETE) == 0
        var count: UInt32 = 0
        pcre2_pattern_info_8(compiled, UInt32(PCRE2_INFO_CAPTURECOUNT), &count)
        captureCount = Int(count)
    }

    deinit { pcre2_code_free_8(code) }

    private static func message(of number: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let length = pcre2_get_error_message_8(number, &buffer, buffer.count)
        return length > 0 ? String(decoding: buffer[..<Int(length)], as: UTF8.self) : "PCRE2 error \(number)"
    }

    /// Looks for the first match at or behind `start`.
    ///
    /// - Parameter scratch: working memory of this thread, with the limits.
    package func firstMatch(in subject: [UInt8], from start: Int = 0, using scratch: PCREScratch) -> PCREOutcome {
        guard start <= subject.count else { return .noMatch }
        let result = subject.withUnsafeBufferPointer { octets -> Int32 in
            guard let address = octets.baseAddress else {
                return pcre2_match_8(code, [0], 0, 0, 0, scratch.matchData, scratch.context)
            }
            return pcre2_match_8(code, address, octets.count, start, 0, scratch.matchData, scratch.context)
        }
        if result >= 0 {
            guard let vector = pcre2_get_ovector_pointer_8(scratch.matchData) else { return .noMatch }
            // `\K` in a lookahead can put the start behind the end.
            return .match(min(vector[0], vector[1])..<max(vector[0], vector[1]))
        }
        switch result {
        case PCRE2_ERROR_NOMATCH: return .noMatch
        case PCRE2_ERROR_MATCHLIMIT: return .limitHit(.match)
        case PCRE2_ERROR_DEPTHLIMIT: return .limitHit(.depth)
        case PCRE2_ERROR_HEAPLIMIT, PCRE2_ERROR_NOMEMORY: return .limitHit(.heap)
        case PCRE2_ERROR_JIT_STACKLIMIT: return .limitHit(.stack)
        default: return .failed(Self.message(of: result))
        }
    }
}
