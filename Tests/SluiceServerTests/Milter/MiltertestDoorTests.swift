// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServer

/// miltertest as the MTA against a listener of the whole server, with its reception and its chain.
@Suite("miltertest at the milter door", .enabled(if: Miltertest.isInstalled), .timeLimit(.minutes(2)))
struct MiltertestDoorTests {
    /// Those whose answers the chain does not decide, and those that say by themselves what it is to decide.
    private static let scripts =
        ["addresses", "disorder", "every-step", "gone", "many-messages", "negotiation", "versions"].map { $0 + ".lua" }
        + Miltertest.scripts("door/")

    private static func values() throws -> [String: String] {
        func written(_ script: ScriptedStage.Script) throws -> String {
            String(decoding: try JSONEncoder().encode(script), as: UTF8.self)
        }
        let edits: [MessageEdit] = [
            .addField(name: "X-Top", value: "top", position: 0), .addField(name: "X-End", value: "end", position: nil),
            .changeField(name: "Subject", occurrence: 1, value: "changed"),
            .deleteRecipient(Mailbox(localPart: "b", domain: "b.test")),
            .addRecipient(Mailbox(localPart: "new", domain: "b.test")), .replaceBody(Array("new\r\n".utf8)),
        ]
        return [
            "listener": "sluice",
            "refusing": try written(.init(verdict: .refuse(Reply(550, EnhancedStatusCode(5, 7, 1), "no")))),
            "deferring": try written(.init(verdict: .refuse(Reply(451, EnhancedStatusCode(4, 7, 1), "later")))),
            "discarding": try written(.init(verdict: .discard(reason: "rule"))),
            "quarantining": try written(.init(verdict: .quarantine(reason: "spam"))),
            "editing": try written(.init(edits: edits)), "slow": try written(.init(milliseconds: 7000)),
        ]
    }

    @Test("finds what its script expects", arguments: scripts)
    func script(name: String) async throws {
        let folder = try TemporaryFolder()
        let isPort = name == "addresses.lua"
        let limits = name == "door/limits.lua" ? "limits: {message_size: 10KB, recipients: 2, hops: 3}" : ""
        try await MilterServer.run(
            address: isPort ? "127.0.0.1:0" : "unix:m.sock", more: limits, in: folder
        ) { doors in
            let socket = isPort ? "inet:\(doors.server.ports["mta"] ?? 0)@127.0.0.1" : "unix:\(folder.path)/m.sock"
            let output = try await Miltertest.run(name, socket: socket, values: try Self.values())
            #expect(output.status == 0, "\(output.text)")
            try await doors.server.expectNoStagedContent()
            #expect(try await doors.server.ask("account").first?["accepted"] == 0)
        }
    }
}
