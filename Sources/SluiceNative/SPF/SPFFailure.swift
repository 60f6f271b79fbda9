// SPDX-License-Identifier: Apache-2.0

/// Why the evaluation of a record ended without a result, in words.
enum SPFFailure: Error, Equatable {
    /// `permerror`: the records are wrong (RFC 7208 §2.6.7).
    case permanent(String)
    /// `temperror`: the DNS did not answer (RFC 7208 §2.6.6).
    case temporary(String)
}
