// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Synchronization

/// Keeps the upkeep from removing files while a backup copies them. Held for a time that has to be renewed, so that a
/// backup that was killed holds up nothing for long.
final class UpkeepHold: Sendable {
    private struct State {
        var holder: (id: String, until: Timestamp)?
        var isUnderWay = false
    }

    /// How long it is held without being renewed.
    static let lease = Duration.seconds(300)

    private let state = Mutex(State())
    private let time: any TimeSource

    /// - Parameter time: goes on evenly where the clock is set.
    init(time: any TimeSource) { self.time = time }

    /// Whether an upkeep may begin now; ``upkeepEnded()`` has to follow.
    func upkeepBegins() -> Bool {
        state.withLock { state in
            guard !state.isUnderWay, !isHeld(state) else { return false }
            state.isUnderWay = true
            return true
        }
    }

    func upkeepEnded() { state.withLock { $0.isUnderWay = false } }

    /// Whether an upkeep that began before is still under way.
    var isUnderWay: Bool { state.withLock { $0.isUnderWay } }

    /// Holds the upkeep off. One that is under way goes on to its end.
    ///
    /// - Returns: whether nobody else holds it.
    func hold(as id: String) -> Bool {
        state.withLock { state in
            guard !isHeld(state) else { return false }
            state.holder = (id, time.now + Self.lease)
            return true
        }
    }

    /// Holds it for longer.
    ///
    /// - Returns: whether it was held by that id all the time until now.
    func renew(_ id: String) -> Bool {
        state.withLock { state in
            guard isHeld(state), state.holder?.id == id else { return false }
            state.holder = (id, time.now + Self.lease)
            return true
        }
    }

    /// Lets it go on.
    ///
    /// - Returns: whether it was held by that id all the time until now.
    func release(_ id: String) -> Bool {
        state.withLock { state in
            guard isHeld(state), state.holder?.id == id else { return false }
            state.holder = nil
            return true
        }
    }

    private func isHeld(_ state: State) -> Bool { state.holder.map { time.now < $0.until } ?? false }
}
