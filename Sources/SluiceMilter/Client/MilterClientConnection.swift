// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import SluiceCore

/// A session with a filter, over which messages are told one after the other.
final class MilterClientConnection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<MilterClientHandler>

    private init(channel: any Channel, handler: NIOLoopBound<MilterClientHandler>) {
        self.channel = channel
        self.handler = handler
    }

    /// Connects and agrees on the options. Where the task is cancelled the attempt is given up.
    static func connect(
        to address: MilterAddress, timeouts: MilterClientTimeouts, limits: MilterClientLimits,
        on group: any EventLoopGroup
    ) async -> Result<MilterClientConnection, MilterClientFailure> {
        let eventLoop = group.any()
        let opened = eventLoop.makePromise(of: MilterClientFailure?.self)
        let opening = OpeningChannel()
        return await withTaskCancellationHandler {
            do {
                let (channel, handler) =
                    try await ClientBootstrap(group: eventLoop)
                    .connectTimeout(TimeAmount(timeouts.connect))
                    .connect(to: try address.socketAddress) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            let handler = MilterClientHandler(timeouts: timeouts, limits: limits, opened: opened)
                            try channel.pipeline.syncOperations.addHandler(handler)
                            opening.opened(channel)
                            return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
                        }
                    }
                if let failure = try await opened.futureResult.get() { return .failure(failure) }
                return .success(MilterClientConnection(channel: channel, handler: handler))
            } catch {
                // Fulfilled already where the handler got as far as being added; the second time does nothing.
                opened.succeed(nil)
                let reason = "can't connect to \(address): \(MilterSocketError.text(error))"
                return .failure(MilterClientFailure(step: nil, reason: reason, isUnanswered: true))
            }
        } onCancel: {
            opening.cancel()
        }
    }

    /// Whether the filter still holds the connection open, as far as we know.
    var isUsable: Bool { channel.isActive }

    /// Tells one message. One at a time, and only one that the outcome before allows.
    ///
    /// Where the task is cancelled the connection is closed.
    func filter(_ transaction: MilterTransaction) async -> Result<MilterClientOutcome, MilterClientFailure> {
        let handler = handler
        do {
            return try await withTaskCancellationHandler {
                try await channel.eventLoop.flatSubmit { [eventLoop = channel.eventLoop] in
                    handler.value.filter(transaction, on: eventLoop)
                }.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            return .failure(MilterClientFailure(step: nil, reason: "shutting down: \(error)", isUnanswered: false))
        }
    }

    /// Says quit and lets the connection go.
    func quit() {
        let handler = handler
        channel.eventLoop.execute { handler.value.quit() }
    }
}

extension MilterAddress {
    fileprivate var socketAddress: SocketAddress {
        get throws {
            switch self {
            case .unix(let path): try SocketAddress(unixDomainSocketPath: path)
            case .inet(let address, let port): try SocketAddress(ipAddress: "\(address)", port: port)
            }
        }
    }
}
