// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Decides which refusals before DATA are recorded: ten a minute from one client, the rest are only counted, so that a
/// flood can't fill the history. Pure.
struct RefusalSampler {
    private var windows: [IPAddress: (start: Timestamp, count: Int)] = [:]
    private static let window = Duration.seconds(60)
    private static let limit = 10
    /// Clients remembered at once; a flood from more addresses than this starts over.
    private static let clientLimit = 10_000

    /// How many clients are remembered.
    var clientCount: Int { windows.count }

    /// Whether a refusal from that client is recorded.
    mutating func shouldRecord(_ client: IPAddress, at now: Timestamp) -> Bool {
        if windows.count >= Self.clientLimit {
            windows = windows.filter { now < $0.value.start + Self.window }
            if windows.count >= Self.clientLimit { windows.removeAll() }
        }
        var window = windows[client] ?? (now, 0)
        if now >= window.start + Self.window || now < window.start { window = (now, 0) }
        window.count += 1
        windows[client] = window
        return window.count <= Self.limit
    }
}
