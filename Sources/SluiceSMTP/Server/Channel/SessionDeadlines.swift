// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// When a client's time is up: for its next command or piece of content, and for the whole transaction.
///
/// A value; the handler asks it when to look again. While we let the client wait, no time of its runs.
struct SessionDeadlines: Equatable {
    private let commandTimeout: TimeAmount
    private let transactionTimeout: TimeAmount
    private(set) var command: NIODeadline?
    private(set) var transaction: NIODeadline?

    init(limits: SMTPServerLimits) {
        commandTimeout = TimeAmount(limits.commandTimeout)
        transactionTimeout = TimeAmount(limits.transactionTimeout)
    }

    /// The client has sent a whole command or a piece of content, or it is its turn again.
    mutating func progressed(at now: NIODeadline, isInTransaction: Bool) {
        command = now + commandTimeout
        if !isInTransaction {
            transaction = nil
        } else if transaction == nil {
            transaction = now + transactionTimeout
        }
    }

    /// It is our turn.
    mutating func suspended() { command = nil }

    mutating func ended() {
        command = nil
        transaction = nil
    }

    /// The next moment at which the client's time may be up; `nil` while it is our turn.
    var next: NIODeadline? {
        guard let command else { return nil }
        return transaction.map { min($0, command) } ?? command
    }

    func hasPassed(at now: NIODeadline) -> Bool { next.map { $0 <= now } ?? false }
}
