// SPDX-License-Identifier: Apache-2.0
package import Foundation
import SluiceCore
import Synchronization

/// Where log lines go: a thread of its own writes them, so that a reader who stalls (a full pipe) holds up no mail.
///
/// What waits is bounded. Lines past that are dropped and counted, and the count is told as soon as there is room. Its
/// thread runs until ``close(within:)``.
package final class LogOutput: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var dropped = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limit: Int
    /// Wakes the output's own thread; nobody else waits for it.
    private let signal = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    /// Ends the thread's pause.
    private let closing = DispatchSemaphore(value: 0)
    /// For so long after it has written the thread lets lines gather: under load it is woken a hundred times a second and
    /// not once a line.
    private static let pause = DispatchTimeInterval.milliseconds(10)

    /// - Parameter limit: how many octets of lines may wait.
    package init(_ file: FileHandle = .standardError, limit: Int = 1 << 20) {
        self.limit = limit
        let thread = Thread { [self] in
            while true {
                signal.wait()
                guard let octets = take() else { break }
                // Where it can't be written (the log's disk is full, its reader has gone) there is nobody to tell, and
                // mail goes on; `write(_:)` would end the process.
                if !octets.isEmpty { try? file.write(contentsOf: Data(octets)) }
                _ = closing.wait(timeout: .now() + Self.pause)
            }
            ended.signal()
        }
        thread.name = "sluice-log"
        thread.start()
    }

    /// Takes a line, without its end; never waits.
    func write(_ line: String) {
        let isFirst = state.withLock { state in
            guard !state.isClosed, state.waiting.count + line.utf8.count < limit else {
                state.dropped += 1
                return false
            }
            let isFirst = state.waiting.isEmpty
            state.waiting += line.utf8
            state.waiting.append(UInt8(ascii: "\n"))
            return isFirst
        }
        if isFirst { signal.signal() }
    }

    /// What is to be written now; `nil` where it is the end.
    private func take() -> [UInt8]? {
        state.withLock { state in
            if state.waiting.isEmpty, state.isClosed { return nil }
            var octets: [UInt8] = []
            swap(&octets, &state.waiting)
            if state.dropped > 0 {
                let line = JSONValue.object([
                    .init("time", .string(SystemTime().now.rfc3339)), .init("level", .string("warning")),
                    .init("message", .string("log lines were dropped: their reader was too slow")),
                    .init("lines", .string("\(state.dropped)")),
                ])
                octets += line.written.utf8
                octets.append(UInt8(ascii: "\n"))
                state.dropped = 0
            }
            return octets
        }
    }

    /// Takes no more lines, and waits until those that wait are written, but no longer than the limit.
    package func close(within limit: DispatchTimeInterval = .seconds(1)) {
        state.withLock { $0.isClosed = true }
        closing.signal()
        signal.signal()
        // A second one: the first may have been used up by lines that were written meanwhile.
        signal.signal()
        _ = ended.wait(timeout: .now() + limit)
    }
}
