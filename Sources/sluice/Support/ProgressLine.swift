// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// How far a long work has come, on one line of the terminal; nothing where stderr is none.
final class ProgressLine: Sendable {
    private struct State {
        var text = ""
        var shown = ContinuousClock.now
    }

    private let state = Mutex(State())
    private let isShown = isatty(STDERR_FILENO) == 1

    private static let interval = Duration.milliseconds(200)

    func show(_ what: String, _ done: Int64, _ total: Int64) {
        guard isShown, total > 0 else { return }
        state.withLock { state in
            guard ContinuousClock.now - state.shown > Self.interval else { return }
            state.shown = .now
            let text = "\(what): \(done * 100 / total) % of \(total / 1_000_000) MB"
            Self.write("\r" + text + String(repeating: " ", count: max(0, state.text.utf8.count - text.utf8.count)))
            state.text = text
        }
    }

    /// Takes the line away.
    func end() {
        state.withLock { state in
            if !state.text.isEmpty { Self.write("\r" + String(repeating: " ", count: state.text.utf8.count) + "\r") }
            state.text = ""
        }
    }

    private static func write(_ text: String) {
        // Where stderr can't be written there is nobody to show it to.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
