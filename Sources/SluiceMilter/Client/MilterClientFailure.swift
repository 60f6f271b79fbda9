// SPDX-License-Identifier: Apache-2.0

/// Why a filter gave no answer about a message. The connection is closed.
package struct MilterClientFailure: Error, Hashable, Sendable {
    /// What it was being told; `nil` where there was no connection.
    package var step: MilterClientStep?
    /// In words.
    package var reason: String
    /// Whether it had sent nothing about this message. On a connection that was kept the filter has closed it meanwhile:
    /// another one may do.
    package var isUnanswered: Bool

    package init(step: MilterClientStep?, reason: String, isUnanswered: Bool) {
        self.step = step
        self.reason = reason
        self.isUnanswered = isUnanswered
    }
}

extension MilterClientFailure: CustomStringConvertible {
    package var description: String { step.map { "\(reason) (at \($0))" } ?? reason }
}
