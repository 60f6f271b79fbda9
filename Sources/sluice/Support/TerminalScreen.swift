// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import UnixSignals

/// The terminal as a screen that is drawn anew: keys come at once and without echo, and what stood there before is back
/// when it ends, however it ends.
struct TerminalScreen {
    enum Event: Sendable {
        /// The interval has passed.
        case tick
        case resized
        /// A key that ends it, a signal, or the terminal has gone.
        case end
    }

    /// The other screen, without a cursor, and lines that are too long cut and not wrapped.
    private static let begin = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J"
    private static let end = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"
    /// q and Q; Ctrl-C and Ctrl-D, which are keys like others here.
    private static let endKeys: [UInt8] = [UInt8(ascii: "q"), UInt8(ascii: "Q"), 3, 4]
    /// How often it is looked whether the window has another size, in milliseconds.
    private static let lookInterval: Int32 = 100

    /// `nil` where standard input and output are not both a terminal, or it can't do such things.
    init?() {
        guard isatty(STDIN_FILENO) == 1, Self.size != nil,
            !["", "dumb"].contains(ProcessInfo.processInfo.environment["TERM"] ?? "")
        else { return nil }
    }

    /// How many characters and lines standard output has; `nil` where it is no terminal.
    static var size: (width: Int, height: Int)? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Takes the terminal while the body runs.
    ///
    /// - Parameter body: is told of each event; it ends by ``Event/end`` or by itself.
    func run(every interval: Duration, _ body: @Sendable (AsyncStream<Event>) async throws -> Void) async throws {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { throw CommandFailure(.bug, "the terminal can't be asked") }
        let before = settings
        // Without ISIG Ctrl-Z can't leave the other screen behind.
        settings.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
        let (events, continuation) = AsyncStream<Event>.makeStream(bufferingPolicy: .bufferingNewest(16))
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup, .sigquit)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        let keys = KeyThread(interval: Self.lookInterval, endKeys: Self.endKeys) { continuation.yield($0) }
        defer {
            keys.stop()
            var restored = before
            // Where the terminal has gone there is nothing to put right.
            try? FileHandle.standardOutput.write(contentsOf: Data(Self.end.utf8))
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &restored)
        }
        try FileHandle.standardOutput.write(contentsOf: Data(Self.begin.utf8))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: interval)
                    continuation.yield(.tick)
                }
            }
            group.addTask { for await _ in signals { continuation.yield(.end) } }
            defer { group.cancelAll() }
            try await body(events)
        }
    }

    /// Draws lines from the top; what they don't cover is empty.
    ///
    /// - Parameter lines: is given width and height.
    /// - Throws: where the terminal has gone.
    func draw(_ lines: (Int, Int) -> [String]) throws {
        let size = Self.size ?? (80, 24)
        let text = lines(size.width, size.height).map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
        try FileHandle.standardOutput.write(contentsOf: Data(("\u{1B}[H" + text + "\u{1B}[J").utf8))
    }
}

/// Waits for keys and looks at the size: a read from a terminal can't be awaited.
private final class KeyThread: Sendable {
    private let isStopped = Atomic(false)

    init(interval: Int32, endKeys: [UInt8], _ tell: @escaping @Sendable (TerminalScreen.Event) -> Void) {
        let thread = Thread { [self] in
            var size = TerminalScreen.size ?? (80, 24)
            while !isStopped.load(ordering: .relaxed) {
                var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
                let ready = poll(&input, 1, interval)
                let now = TerminalScreen.size ?? size
                if now != size { tell(.resized) }
                size = now
                guard ready > 0 else { continue }
                var key: UInt8 = 0
                // No key where it said that there is one: the terminal has gone.
                guard read(STDIN_FILENO, &key, 1) == 1, !endKeys.contains(key) else { return tell(.end) }
            }
        }
        thread.name = "keys"
        thread.start()
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }
}
