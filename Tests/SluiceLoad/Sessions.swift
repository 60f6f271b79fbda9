// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOSSL
import SluiceNative
import SluiceTesting

/// Many sessions at once.
struct Sessions {
    private(set) var dialogues: [DialogueRunner] = []

    /// Opens so many, fifty at a time, and brings each to where it is to stay.
    static func open(
        _ count: Int, port: Int, _ prepare: @escaping @Sendable (Int, DialogueRunner) async throws -> Void
    ) async throws -> Sessions {
        let share = 50
        return try await withThrowingTaskGroup(of: [DialogueRunner].self) { group in
            for task in 0..<share {
                group.addTask {
                    var opened: [DialogueRunner] = []
                    for number in stride(from: task, to: count, by: share) {
                        let dialogue = try await DialogueRunner.connect(port: port, timeout: .seconds(60))
                        try await dialogue.expect("220")
                        try await dialogue.send("EHLO client.test", expect: "250")
                        try await prepare(number, dialogue)
                        opened.append(dialogue)
                    }
                    return opened
                }
            }
            var sessions = Sessions()
            for try await opened in group { sessions.dialogues += opened }
            return sessions
        }
    }

    func close() async throws {
        for dialogue in dialogues { try await dialogue.close() }
    }

    /// How many a relay takes at once that has as many descriptors as we have: it keeps two for each, and 256.
    static func limit(_ wanted: Int) -> Int { min(wanted, (DescriptorLimit.raise() - 256) / 2 - 64) }
}
