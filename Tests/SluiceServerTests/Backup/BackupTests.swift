// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceQueue
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceServer

@Suite("A backup") struct BackupTests {
    /// A next hop that puts everything off.
    private static func busySink() async throws -> Sink {
        try await Sink.start(
            SinkScript { step in if case .recipient = step { .reply("451 4.3.0 later") } else { nil } })
    }

    @Test("taken while the server runs holds each message in its state, and restored it is held until it is released")
    func whileRunning() async throws {
        let folder = try TemporaryFolder()
        let elsewhere = try TemporaryFolder()
        let sink = try await Self.busySink()
        let large = "Subject: large\r\n\r\n" + String(repeating: "x y z\r\n", count: 30_000)
        let yaml = TestServer.yaml(sink: sink.port)
        let (queued, later) = try await TestServer.run(yaml, in: folder) { server in
            let queued = try TestServer.id(try await server.send())
            let big = try TestServer.id(try await server.send(large))
            let held = try TestServer.id(try await server.send())
            try await server.ask("queue hold", ["id": held])
            let report = try await BackupFixture.backup(of: server.state).make(in: folder.path + "/backup")
            #expect(report.wasRunning && report.account.addsUp)
            #expect(report.account.queued == 2 && report.account.held == 1)
            // The upkeep may go on.
            #expect(try await server.ask("backup begin", ["id": "next"]).count == 1)
            return ([queued, big, held], try TestServer.id(try await server.send()))
        }
        let state = elsewhere.path + "/state"
        let report = try await BackupFixture.restore(folder.path + "/backup", to: state).run()
        #expect(report.held == 2 && report.account.held == 3 && report.account.queued == 0)
        #expect(report.account.addsUp && report.account.accepted == 3)
        for id in queued { #expect(try await BackupFixture.states(state, of: id) == ["held"]) }
        await #expect(throws: TestServer.Failure.self) { try await BackupFixture.states(state, of: later) }
        let list = try await BackupFixture.ask(state, "queue list")
        let reasons = list.compactMap { $0["recipients"]?.arrayValue?.first?["reason"]?.stringValue }
        #expect(reasons.count { $0.hasPrefix("restored from a backup of 20") } == 2)
        try await sink.stop()

        // A server on it delivers what is new, and what it held when it is told to.
        let good = try await Sink.start()
        try await TestServer.run(TestServer.yaml(sink: good.port), in: elsewhere) { server in
            let new = try TestServer.id(try await server.send())
            #expect(try await server.settled(new)["recipients"]?.arrayValue?.first?["state"] == "delivered")
            #expect(good.messages.count == 1)
            let released = try await server.ask("queue release")
            #expect(released.first?["changed"]?.integerValue == 2)
            _ = try await good.messages(atLeast: 3)
            for id in queued.prefix(2) {
                #expect(try await server.settled(id)["recipients"]?.arrayValue?.first?["state"] == "delivered")
            }
            // What the operator held stays so.
            #expect(try await server.settled(queued[2])["recipients"]?.arrayValue?.first?["state"] == "held")
            await #expect(throws: TestServer.Failure.self) { try await server.ask("queue release") }
            #expect(try await server.ask("account").first?["unaccounted"]?.integerValue == 0)
        }
        #expect(good.messages.contains { $0.content.hasSuffix("x y z\r\n") && $0.content.utf8.count > 200_000 })
        try await good.stop()
    }

    @Test("of files on which no server runs is the same, and nothing of them is changed")
    func withoutServer() async throws {
        let folder = try TemporaryFolder()
        let sink = try await Self.busySink()
        let id = try await TestServer.run(TestServer.yaml(sink: sink.port), in: folder) { server in
            try TestServer.id(try await server.send())
        }
        let before = try BackupFixture.contents(folder.path + "/state")
        let report = try await BackupFixture.backup(of: folder.path + "/state").make(in: folder.path + "/backup")
        #expect(!report.wasRunning && report.account.queued == 1 && report.account.addsUp)
        var after = try BackupFixture.contents(folder.path + "/state")
        after["lock"] = before["lock"]  // says who had it
        #expect(after == before)
        let state = folder.path + "/restored"
        _ = try await BackupFixture.restore(folder.path + "/backup", to: state).run()
        #expect(try await BackupFixture.states(state, of: id) == ["held"])
        // The backup is as it was: a restore copies.
        _ = try await BackupFixture.restore(folder.path + "/backup", to: folder.path + "/again").run()
        try await sink.stop()
    }

    @Test("can be read by nobody else, also where files of the configuration could be")
    func modes() async throws {
        let folder = try TemporaryFolder()
        let configuration = try Self.configured(folder)
        try await TestServer.run(TestServer.yaml(sink: 1), in: folder) { server in
            _ = try await BackupFixture.backup(of: server.state, configuration: configuration)
                .make(in: folder.path + "/backup")
        }
        var files = 0
        let walk = try #require(FileManager.default.enumerator(atPath: folder.path + "/backup"))
        for case let name as String in walk {
            let path = folder.path + "/backup/" + name
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            #expect(try BackupFixture.mode(path) == (isFolder.boolValue ? 0o700 : 0o600), "\(name)")
            files += 1
        }
        #expect(files > 8)
        #expect(try BackupFixture.mode(folder.path + "/backup") == 0o700)
    }

    /// A configuration that names files, with one open to others, beside the one that the server has.
    private static func configured(_ folder: TemporaryFolder) throws -> String {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/etc/rules/more", withIntermediateDirectories: true)
        try folder.write("key", to: "etc/s1.pem", mode: 0o640)
        try folder.write("anna\n", to: "etc/recipients.txt", mode: 0o644)
        try folder.write("rule", to: "etc/rules/one.cf", mode: 0o644)
        try folder.write("rule too", to: "etc/rules/more/two.cf", mode: 0o644)
        try folder.write("far", to: "far.txt")
        return try folder.write(
            """
            hostname: mx.example.org
            state: ../state
            relay: {domains: {example.org: {route: "smtp://127.0.0.1:1", recipients: recipients.txt}}}
            resolver: {zone: "\(folder.path)/far.txt"}
            pipelines:
              inbound: [{spam: {rules: [embedded, rules]}}]
              outbound: [{dkim-sign: {keys: [{domain: example.org, selector: s1, file: s1.pem}]}}]
            """, to: "etc/sluice.yml", mode: 0o644)
    }

    @Test(
        "brings the configuration with all files that it names, back or elsewhere, with their modes, and replaces none")
    func configurationFiles() async throws {
        let folder = try TemporaryFolder()
        let configuration = try Self.configured(folder)
        let backup = folder.path + "/backup"
        try await TestServer.run(TestServer.yaml(sink: 1), in: folder) { server in
            _ = try await BackupFixture.backup(of: server.state, configuration: configuration).make(in: backup)
        }
        let there = try await BackupFixture.restore(
            backup, to: folder.path + "/one", configuration: .folder(folder.path + "/new")
        ).run()
        #expect(there.configuration.count == 6)
        for name in ["sluice.yml", "s1.pem", "recipients.txt", "rules/one.cf", "rules/more/two.cf"] {
            let (old, new) = (folder.path + "/etc/" + name, folder.path + "/new/" + name)
            #expect(FileManager.default.contents(atPath: new) == FileManager.default.contents(atPath: old))
            #expect(try BackupFixture.mode(new) == BackupFixture.mode(old))
        }
        #expect(FileManager.default.fileExists(atPath: folder.path + "/new/elsewhere" + folder.path + "/far.txt"))

        // What is there and the same is no hindrance; what differs is, and then nothing is written.
        try folder.write("another key", to: "etc/s1.pem", mode: 0o600)
        let state = folder.path + "/two"
        await #expect { try await BackupFixture.restore(backup, to: state, configuration: .back).run() } throws: {
            "\($0)".contains("/etc/s1.pem is there and differs")
        }
        #expect(!FileManager.default.fileExists(atPath: state))
        _ = try await BackupFixture.restore(backup, to: state, configuration: .back, replaces: true).run()
        #expect(FileManager.default.contents(atPath: folder.path + "/etc/s1.pem") == Data("key".utf8))
    }

    @Test("goes into no folder that holds something, and a backup that failed leaves none")
    func places() async throws {
        let folder = try TemporaryFolder()
        try await TestServer.run(TestServer.yaml(sink: 1), in: folder) { server in
            try folder.write("mine", to: "note.txt")
            await #expect { try await BackupFixture.backup(of: server.state).make(in: folder.path) } throws: {
                "\($0)".contains("is not empty")
            }
            let missing = BackupFixture.backup(of: server.state, configuration: folder.path + "/no.yml")
            await #expect(throws: (any Error).self) { try await missing.make(in: folder.path + "/backup") }
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/backup"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/backup.partial"))
            // What a killed one has left is cleared away; what is somebody's is not.
            try FileManager.default.createDirectory(
                atPath: folder.path + "/backup.partial/state", withIntermediateDirectories: true)
            await #expect(throws: BackupError.self) {
                try await BackupFixture.backup(of: server.state).make(in: folder.path + "/backup")
            }
            try folder.write("1\n", to: "backup.partial/lock")
            _ = try await BackupFixture.backup(of: server.state).make(in: folder.path + "/backup")
            #expect(FileManager.default.fileExists(atPath: folder.path + "/backup/manifest.json"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/backup/lock"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/backup.partial"))
        }
        await #expect { try await BackupFixture.backup(of: folder.path).make(in: folder.path + "/other") } throws: {
            "\($0)".contains("no state directory of Sluice")
        }
    }

    @Test("links files that don't change any more where that can be, and what the server writes later isn't in them")
    func links() async throws {
        let folder = try TemporaryFolder()
        let sink = try await Self.busySink()
        let large = "Subject: large\r\n\r\n" + String(repeating: "x y z\r\n", count: 30_000)
        try await TestServer.run(TestServer.yaml(sink: sink.port), in: folder) { server in
            try await server.send(large)
            let backup = folder.path + "/backup"
            _ = try await BackupFixture.backup(of: server.state).make(in: backup)
            let name = try #require(
                try FileManager.default.contentsOfDirectory(atPath: backup + "/state/content").first)
            #expect(try Self.inode(backup + "/state/content/" + name) == Self.inode(server.state + "/content/" + name))
            let newest = try #require(
                try FileManager.default.contentsOfDirectory(atPath: backup + "/state/journal").max())
            #expect(
                try Self.inode(backup + "/state/journal/" + newest)
                    != Self.inode(server.state + "/journal/" + newest))
            for _ in 0..<5 { try await server.send() }
            let restored = try await BackupFixture.restore(backup, to: folder.path + "/restored").run()
            #expect(restored.account.accepted == 1)
        }
        try await sink.stop()
    }

    private static func inode(_ path: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? NSNumber)?.intValue
    }
}
