// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Synchronization

/// The channels of the sessions under way, so that a shutdown can tell them, wait for them, and in the end close them.
final class SessionChannels: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isShuttingDown = false
    }

    private let state = Mutex(State())

    /// Takes in a new session's channel; one that comes during a shutdown is told at once.
    func add(_ channel: any Channel) {
        let isLate = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = channel
            return state.isShuttingDown
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
        }
        if isLate { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    /// Lets transactions under way end; idle sessions end at once. Returns when all are gone, or when the time is up and
    /// the rest has been closed.
    func shutDown(within limit: Duration) async {
        let channels = state.withLock { state in
            state.isShuttingDown = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if state.withLock({ $0.channels.isEmpty }) { return }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { break }
        }
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }
}
