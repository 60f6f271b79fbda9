// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import Synchronization

/// A filter somewhere else, which is told messages and answers: with connections that are kept for the next message.
///
/// A connection that the filter closed while nothing was told is replaced; where one breaks in the middle of a message
/// the message has no answer.
package final class MilterConnections: Sendable {
    package let address: MilterAddress
    private let timeouts: MilterClientTimeouts
    private let limits: MilterClientLimits
    private let group: any EventLoopGroup

    private typealias Pool = MilterConnectionPool<MilterClientConnection, CheckedContinuation<Bool, Never>>
    private struct State {
        var pool: Pool
        var lastNumber = 0
    }
    private let state: Mutex<State>

    /// - Parameters:
    ///   - connections: how many are open at most; more messages wait, and past 32 times as many are refused.
    package init(
        address: MilterAddress, connections: Int, timeouts: MilterClientTimeouts = MilterClientTimeouts(),
        limits: MilterClientLimits = MilterClientLimits(), group: any EventLoopGroup
    ) {
        self.address = address
        self.timeouts = timeouts
        self.limits = limits
        self.group = group
        state = Mutex(State(pool: Pool(limit: connections, waitLimit: connections * 32)))
    }

    deinit { for connection in state.withLock({ $0.pool.removeAll { _ in true } }) { connection.quit() } }

    /// How many connections wait for a message.
    package var keptConnections: Int { state.withLock { $0.pool.keptCount } }

    /// Tells the filter a message and waits for its answer. Where the task is cancelled, the wait ends.
    package func filter(_ transaction: MilterTransaction) async throws(MilterClientFailure) -> MilterClientOutcome {
        guard await enter() else {
            throw MilterClientFailure(step: nil, reason: "no connection was free", isUnanswered: true)
        }
        defer { leave() }
        if let connection = takeKept(transaction.client) {
            switch await connection.filter(transaction) {
            case .success(let outcome): return finish(outcome, transaction.client, connection)
            case .failure(let failure): if !failure.isUnanswered || Task.isCancelled { throw failure }
            }
        }
        for connection in state.withLock({ $0.pool.makeRoom() }) { connection.quit() }
        let connection = try await MilterClientConnection.connect(
            to: address, timeouts: timeouts, limits: limits, on: group
        ).get()
        return finish(try await connection.filter(transaction).get(), transaction.client, connection)
    }

    private func takeKept(_ client: MilterTransaction.Client) -> MilterClientConnection? {
        state.withLock { state in
            _ = state.pool.removeAll { !$0.isUsable }
            return state.pool.take(for: client)
        }
    }

    private func finish(
        _ outcome: MilterClientOutcome, _ client: MilterTransaction.Client, _ connection: MilterClientConnection
    ) -> MilterClientOutcome {
        guard outcome.reuse != .none, connection.isUsable else { return outcome }
        let kept = Pool.Kept(connection: connection, client: client, reuse: outcome.reuse)
        state.withLock { $0.pool.keep(kept) }
        return outcome
    }

    // MARK: Places

    private func enter() async -> Bool {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Cancelled before it waits: nobody else would wake it.
                let entry: Pool.Entry =
                    Task.isCancelled ? .refused : state.withLock { $0.pool.enter(number, continuation) }
                switch entry {
                case .admitted: continuation.resume(returning: true)
                case .refused: continuation.resume(returning: false)
                case .waits: if Task.isCancelled { giveUp(number) }
                }
            }
        } onCancel: {
            giveUp(number)
        }
    }

    private func giveUp(_ number: Int) {
        state.withLock { $0.pool.giveUp(number) }?.resume(returning: false)
    }

    private func leave() {
        state.withLock { $0.pool.leave() }?.resume(returning: true)
    }
}
