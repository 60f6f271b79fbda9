// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Short forms of `make soak` and `make load`: `sluice-load` drives `sluice serve`, both as built beside this test.
@Suite("Under load", .serialized, .timeLimit(.minutes(3))) struct LoadTests {
    /// Runs a measurement; it ends with 0 where the relay holds what it is measured by.
    private func measure(_ arguments: [String]) throws {
        let own = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let process = Process()
        let output = Pipe()
        process.executableURL = own.deletingLastPathComponent().appendingPathComponent("sluice-load")
        process.arguments = arguments
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }

    @Test("a steady load loses nothing and leaves no descriptor; memory hardly grows")
    func soak() throws {
        // Within seconds, caches and arenas still fill: the limit only shows what would grow with each message.
        try measure(["soak", "--seconds", "12", "--rate", "40", "--growth", "15"])
    }

    @Test("a burst over fifty connections is delivered whole")
    func messages() throws { try measure(["messages", "--messages", "400"]) }

    @Test("slow-loris connections do not keep others waiting")
    func slow() throws {
        // With so few messages a single one that waits for a busy machine is the 99th percentile.
        try measure(["slow", "--connections", "300", "--pause", "1", "--messages", "150", "--factor", "4"])
    }

    @Test("an idle session costs less than 10 KiB, one behind TLS less than 50", arguments: [[], ["--tls"]])
    func idle(tls: [String]) throws { try measure(["idle", "--sessions", "800"] + tls) }

    @Test("a message of 12.5 MB costs less than 32 MB above idle, of each kind")
    func large() throws { try measure(["large", "--size", "12500000", "--limit", "32"]) }

    @Test("more connections than descriptors are refused with 421, and it goes on when they have gone")
    func descriptors() throws { try measure(["descriptors", "--connections", "1200"]) }

    @Test("workers that are killed under load lose nothing")
    func workers() throws { try measure(["workers", "--seconds", "5", "--rate", "20"]) }
}
