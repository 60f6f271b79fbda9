// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// Collects what was missed, and says so at the end.
struct Judgement {
    private var missed: [String] = []

    mutating func expect(_ isHeld: Bool, _ text: @autoclosure () -> String) {
        if !isHeld { missed.append(text()) }
    }

    /// - Throws: the exit code where anything was missed.
    func end() throws {
        if missed.isEmpty { return print("  held") }
        for text in missed { print("  MISSED: \(text)") }
        throw ExitCode.failure
    }
}
