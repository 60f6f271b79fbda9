// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceServer

/// The short form of `make peers`: a real Postfix asks Sluice about its mail, and what it then delivers is compared with
/// what the SMTP front delivers.
///
/// Postfix is the installed one, or one that was unpacked into `.peers/`; where there is none it is fetched.
@Suite("Postfix with Sluice as its milter", .serialized, .timeLimit(.minutes(1))) struct PostfixMilterTests {
    private static let clean =
        "From: Anna <anna@partner.example>\r\nTo: bob@example.org\r\nSubject: Minutes\r\n"
        + "Date: Tue, 24 Nov 2026 08:00:00 +0000\r\nMessage-ID: <m@partner.example>\r\n"

    /// Two doors of one server, and Postfix in front of one of them.
    private struct Doors: Sendable {
        let doors: MilterServer
        let postfix: DemoPostfix

        /// Sends a message to both.
        func send(_ content: String, to recipients: [String] = ["bob@example.org"]) async throws -> [String] {
            var replies: [String] = []
            for port in [doors.server.ports["mx"] ?? 0, postfix.port] {
                let dialogue = try await DialogueRunner.connect(port: port)
                try await dialogue.expect("220")
                try await dialogue.send("EHLO client.test", expect: "250")
                replies.append(try await dialogue.transmit(content, from: "anna@partner.example", to: recipients))
                try await dialogue.send("QUIT", expect: "221")
                try await dialogue.close()
            }
            return replies
        }

        /// What the front and Postfix have delivered of the n-th message, without Received.
        func delivered(_ count: Int = 1) async throws -> [String] {
            var contents: [String] = []
            for sink in [doors.sink, doors.reinject] {
                let messages = try await sink.messages(atLeast: count)
                try #require(messages.count >= count, "\(postfix.log.suffix(2000))")
                contents.append(PostfixMilterTests.withoutReceived(messages[count - 1].content))
            }
            return contents
        }
    }

    private static func withoutReceived(_ content: String) -> String {
        var isReceived = false
        var isHeader = true
        return content.components(separatedBy: "\r\n").filter { line in
            if line.isEmpty { isHeader = false }
            guard isHeader else { return true }
            if !line.hasPrefix(" "), !line.hasPrefix("\t") { isReceived = line.hasPrefix("Received:") }
            return !isReceived
        }.joined(separator: "\r\n")
    }

    private static func withoutID(_ reply: String) -> String { reply.replacing(#/\(id [0-9a-z]+\)/#, with: "(id)") }

    private static func root() throws -> String {
        if let root = DemoPostfix.root() { return root }
        let package = URL(fileURLWithPath: Fixtures.folder).deletingLastPathComponent()
        let fetched = try runProgram("/bin/sh", ["scripts/peers", "--fetch", "postfix"], in: package)
        return try #require(
            DemoPostfix.root(folders: [package.path]), "no Postfix here, and it can't be fetched: \(fetched.text)")
    }

    private static func run(
        quarantine: String = "mta", untrusted: String? = nil, in folder: TemporaryFolder,
        _ body: @escaping @Sendable (Doors) async throws -> Void
    ) async throws {
        let root = try root()
        let ports = try await DemoPostfix.freePorts(2)
        // Not below the server's folder, which nobody else may enter.
        let directory = FileManager.default.temporaryDirectory.path + "/sluice-postfix-\(ports[0])"
        defer { try? FileManager.default.removeItem(atPath: directory) }  // What is left is in the temporary directory.
        let keys = quarantine == "mta" ? "mta" : "\(quarantine), reinject: \"smtp://127.0.0.1:\(ports[1])\""
        try await MilterServer.run(listener: "quarantine: \(keys)", untrusted: untrusted, in: folder) { doors in
            try await DemoPostfix.run(
                root: root, directory: directory, port: ports[0], reinjectPort: ports[1],
                milter: doors.server.ports["mta"] ?? 0, nextHop: doors.reinject.port
            ) { postfix in try await body(Doors(doors: doors, postfix: postfix)) }
        }
    }

    @Test("clean, forged and malformed mail is delivered as by the SMTP front; spam and viruses get the same reply")
    func verifies() async throws {
        let stages =
            "[{spf: {}}, {dkim-verify: {}}, {virus: {infected: reject, database: embedded}}, {spam: {tag: 5, quarantine: 50, reject: 60}}]"
        try await Self.run(untrusted: stages, in: try TemporaryFolder()) { doors in
            for (index, name) in ["clean", "forged-dkim", "spf-fail", "malformed-mime"].enumerated() {
                let replies = try await doors.send(try Fixtures.text("\(name).eml"))
                #expect(replies.allSatisfy { $0.hasPrefix("250") }, "\(replies)")
                let delivered = try await doors.delivered(index + 1)
                #expect(delivered[0] == delivered[1], "\(name)")
                #expect(delivered[1].hasPrefix("Authentication-Results: mx.example.org;"))
            }
            for name in ["virus-plain", "virus-zip", "spam-gtube"] {
                let replies = try await doors.send(try Fixtures.text("\(name).eml")).map(Self.withoutID)
                #expect(replies[0].hasPrefix("55") && replies[0] == replies[1], "\(name): \(replies)")
            }
        }
    }

    @Test("outgoing mail is signed, and the signature holds behind Postfix")
    func signs() async throws {
        let folder = try TemporaryFolder()
        let key = try DKIMKey.generate(.ed25519SHA256)
        try folder.write(String(decoding: key.pem, as: UTF8.self), to: "key.pem")
        let stages = "[{dkim-sign: {keys: [{domain: partner.example, selector: s1, file: key.pem}]}}]"
        try await Self.run(untrusted: stages, in: folder) { doors in
            #expect(try await doors.send(Self.clean + "\r\nHello.\r\n").allSatisfy { $0.hasPrefix("250") })
            let signed = try await doors.delivered()[1]
            #expect(signed.contains("DKIM-Signature: v=1; a=ed25519-sha256"))
            let strings = key.recordStrings.map { "\"\($0)\"" }.joined(separator: ", ")
            let zone = try ZoneFile.read("s1._domainkey.partner.example: [{TXT: [\(strings)]}]\n", file: "zone").get()
            let results = try await DKIMVerifier(pool: CPUPool(threads: 1)).verify(
                message: try Message(MemoryContent(ByteBuffer(string: signed))), resolver: zone, now: SystemTime().now)
            #expect(results.map(\.result) == [.pass])
        }
    }

    @Test("edits of header, body and envelope come out as by the SMTP front")
    func edits() async throws {
        var script = ScriptedStage.Script()
        script.edits = [
            .addField(name: "X-Top", value: "folded\r\n\tonce", position: 0),
            .changeField(name: "X-A", occurrence: 2, value: "changed"), .deleteField(name: "X-A", occurrence: 3),
            .deleteField(name: "X-A", occurrence: 1), .addField(name: "X-A", value: "added", position: nil),
            .replaceBody(Array("A new body.\r\n.\r\n".utf8)), .addRecipient(try #require(Mailbox("carol@example.org"))),
            .deleteRecipient(try #require(Mailbox("dave@example.org"))),
        ]
        let content = try script.field() + Self.clean + "X-A: 1\r\nX-A: 2\r\nX-A: 3\r\n\r\nHello.\r\n"
        try await Self.run(in: try TemporaryFolder()) { doors in
            let replies = try await doors.send(content, to: ["bob@example.org", "dave@example.org"])
            #expect(replies.allSatisfy { $0.hasPrefix("250") }, "\(replies)")
            let delivered = try await doors.delivered()
            #expect(delivered[0] == delivered[1])
            #expect(delivered[1].contains("X-A: changed\r\nX-A: added\r\n\r\nA new body.\r\n.\r\n"))
            let recipients = doors.doors.reinject.messages.flatMap(\.recipients)
            #expect(recipients.map { "\($0)" }.sorted() == ["bob@example.org", "carol@example.org"])
        }
    }

    @Test("what is taken over is released through the port without milters, and is not filtered again")
    func takesOver() async throws {
        var script = ScriptedStage.Script()
        script.verdict = .quarantine(reason: "looks like spam")
        let content = try script.field() + Self.clean + "\r\nHello.\r\n"
        try await Self.run(quarantine: "take_over", in: try TemporaryFolder()) { doors in
            #expect(try await doors.send(content).allSatisfy { $0.hasPrefix("250") })
            #expect(doors.doors.reinject.messages.isEmpty)
            for held in try await doors.doors.server.ask("quarantine list") {
                _ = try await doors.doors.server.ask("quarantine release", ["id": held["id"]?.stringValue ?? ""])
            }
            let delivered = try await doors.delivered()
            #expect(delivered[0] == delivered[1])
            #expect(delivered[1].components(separatedBy: "X-Sluice-Stages:").count == 2)
        }
    }
}
