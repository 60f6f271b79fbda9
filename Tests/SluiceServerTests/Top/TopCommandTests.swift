// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceServer

/// `sluice top` itself, on a server that runs.
@Suite("sluice top", .serialized, .timeLimit(.minutes(5))) struct TopCommandTests {
    private static func program() throws -> String {
        URL(filePath: try #require(WorkerPool.findExecutable())).deletingLastPathComponent().appending(path: "sluice")
            .path(percentEncoded: false)
    }

    /// A server that has taken three messages and refused one.
    private func run(_ body: (String, _ state: String, _ refused: String) async throws -> Void) async throws {
        let sink = try await Sink.start()
        let server = try await ServerProcess(sink: sink.port, pipeline: "[{spf: {}}]")
        try await server.start()
        let dialogue = try await DialogueRunner.connect(port: server.port)
        try await dialogue.expect("220")
        try await dialogue.send("EHLO client.test", expect: "250")
        for _ in 0..<3 {
            let reply = try await dialogue.transmit(
                "Subject: x\r\n\r\nHello.\r\n", from: "a@client.test", to: ["a@example.org"])
            #expect(reply.hasPrefix("250"))
        }
        let refusal = try await dialogue.transmit("", from: "a@client.test", to: ["a@elsewhere.test"])
        let id = try TestServer.id(refusal)
        _ = try await server.accountWhenDelivered(within: .seconds(20))
        try await body(try Self.program(), server.state, id)
        try await dialogue.close()
        #expect(server.terminate() == 0)
        try await sink.stop()
    }

    @Test("--once prints the screen as text, --json an object; elsewhere than on a terminal it is a line each time")
    func plain() async throws {
        try await run { program, state, refused in
            let folder = FileManager.default.temporaryDirectory
            let once = try runProgram(program, ["top", "--once", "--interval", "0.2", "--state", state], in: folder)
            #expect(once.status == 0)
            #expect(once.text.hasPrefix("sluice 0.1.0 on mx.example.org, up "))
            #expect(once.text.contains("queue      queued 0, held 0, quarantined 0"))
            #expect(once.text.contains(refused))
            #expect(once.text.contains("\nspf "))
            #expect(!once.text.contains("\u{1B}"))
            let json = try runProgram(
                program, ["top", "--once", "--json", "--interval", "0.2", "--state", state], in: folder)
            let value = try JSONReader.read(json.text.utf8)
            #expect(value["messages"]?["deliver"]?.integerValue == 3)
            #expect(value["messages"]?["reject"]?.integerValue == 1)
            #expect(value["deliveries"]?["delivered"]?.integerValue == 3)
            #expect(value["messages_per_second"]?.integerValue == 0, "nothing came meanwhile")
            #expect(value["refusals"]?.arrayValue?.first?["id"]?.stringValue == refused)
            let lines = try runProgram(
                "/bin/sh", ["-c", "timeout 20 \"$0\" top --interval 0.2 --state \"$1\" | head -n 2", program, state],
                in: folder)
            #expect(lines.text.split(separator: "\n").count == 2)
            #expect(lines.text.split(separator: "\n").allSatisfy { $0.contains("  last refusal \(refused) 550 ") })
        }
    }

    @Test("on a terminal it draws a screen of its own, and gives the terminal back when q is pressed")
    func terminal() async throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/script") else { return }
        try await run { program, state, _ in
            let folder = try TemporaryFolder()
            let command =
                "stty rows 24 cols 80; '\(program)' top --interval 0.2 --state '\(state)'; echo status=$?; stty -a"
            let shown = try runProgram(
                "/bin/sh",
                ["-c", "(sleep 3; printf q; sleep 3) | TERM=xterm timeout 30 script -qec \"$0\" /dev/null", command],
                in: URL(filePath: folder.path))
            let text = shown.text
            #expect(text.components(separatedBy: "\u{1B}[H").count > 3, "it is drawn again and again: \(text)")
            #expect(text.contains("\u{1B}[?1049h"))
            let after = try #require(text.components(separatedBy: "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l").last)
            #expect(after.contains("status=0"))
            let settings = Set(after.split(whereSeparator: \.isWhitespace).map(String.init))
            #expect(settings.isSuperset(of: ["isig", "icanon", "iexten", "echo"]), "\(after)")
        }
    }

    @Test("says that no server runs, with the code for a missing service")
    func notRunning() throws {
        let folder = try TemporaryFolder()
        let ran = try runProgram(
            try Self.program(), ["top", "--once", "--state", folder.path], in: URL(filePath: folder.path))
        #expect(ran.status == 69)
        #expect(ran.text.contains("no server runs on \(folder.path)"))
    }

    @Test("takes an interval from a tenth of a second to an hour", arguments: ["0", "-1", "3601", "x"])
    func interval(_ interval: String) throws {
        let ran = try runProgram(
            try Self.program(), ["top", "--interval=\(interval)"], in: FileManager.default.temporaryDirectory)
        #expect(ran.status == 64)
    }
}
