// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceNative
import SluiceQueue
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("A restore") struct RestoreTests {
    /// A backup with a message in the queue, a large one too.
    private static func backup(in folder: TemporaryFolder) async throws -> String {
        let sink = try await Sink.start(
            SinkScript { step in if case .recipient = step { .reply("451 4.3.0 later") } else { nil } })
        let backup = folder.path + "/backup"
        try await TestServer.run(TestServer.yaml(sink: sink.port), in: folder) { server in
            try await server.send()
            try await server.send("Subject: large\r\n\r\n" + String(repeating: "x y z\r\n", count: 30_000))
            _ = try await BackupFixture.backup(of: server.state).make(in: backup)
        }
        try await sink.stop()
        return backup
    }

    @Test("names the file of a backup that is damaged or missing, whichever it is, and touches nothing")
    func damage() async throws {
        let folder = try TemporaryFolder()
        let backup = try await Self.backup(in: folder)
        var generator = SeededGenerator(seed: 7)
        let files = try BackupFixture.contents(backup).sorted { $0.key < $1.key }
        #expect(files.count >= 6)
        let state = folder.path + "/restored"
        for (name, data) in files {
            let path = URL(fileURLWithPath: backup + "/" + name)
            func expectRefusal(_ what: String) async {
                await #expect("\(what) of \(name)") {
                    try await BackupFixture.restore(backup, to: state).run()
                } throws: {
                    guard let error = $0 as? BackupError else { return false }
                    return [65, 66, 78].contains(error.status)
                        && (error.description.contains(name) || name == "manifest.json.sha256")
                }
                #expect(!FileManager.default.fileExists(atPath: state))
            }
            if !data.isEmpty {
                var flipped = data
                flipped[flipped.startIndex + Int.random(in: 0..<data.count, using: &generator)] ^= 1
                try flipped.write(to: path)
                await expectRefusal("a flipped bit")
                try data.dropLast().write(to: path)
                await expectRefusal("a lost octet")
            }
            try FileManager.default.removeItem(at: path)
            await expectRefusal("the loss")
            try data.write(to: path)
        }
        let report = try await BackupFixture.restore(backup, to: state).run()
        #expect(report.account.held == 2 && report.account.addsUp)
    }

    @Test("writes over no state directory that holds something, and none that a server runs on")
    func occupied() async throws {
        let folder = try TemporaryFolder()
        let backup = try await Self.backup(in: folder)
        await #expect { try await BackupFixture.restore(backup, to: folder.path + "/state").run() } throws: {
            "\($0)".contains("is not empty")
        }
        let other = try TemporaryFolder()
        _ = try await TestServer.run(TestServer.yaml(sink: 1), in: other) { server in
            await #expect { try await BackupFixture.restore(backup, to: server.state).run() } throws: {
                "\($0)".contains("stop it first")
            }
        }
    }

    @Test("that was cut off anywhere leaves what no server and no command takes, and what a second one takes")
    func cutOff() async throws {
        let folder = try TemporaryFolder()
        let backup = try await Self.backup(in: folder)
        let files = try BackupFixture.contents(backup + "/state").keys.sorted()
        let whole = folder.path + "/whole"
        _ = try await BackupFixture.restore(backup, to: whole).run()
        for count in 0...files.count {
            let other = try TemporaryFolder()
            let state = other.path + "/state"
            // As it is when it was killed behind so many files.
            try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
            try RestoreMarker.set(state, from: backup)
            for name in files.prefix(count) {
                let target = state + "/" + name
                try FileManager.default.createDirectory(
                    atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try FileManager.default.copyItem(atPath: backup + "/state/" + name, toPath: target)
            }
            let before = try BackupFixture.contents(state)
            await #expect { _ = try await TestServer.run(TestServer.yaml(sink: 1), in: other) { _ in true } } throws: {
                "\($0)".contains("only partly restored")
            }
            await #expect { try await BackupFixture.ask(state, "queue list") } throws: {
                "\($0)".contains("only partly restored")
            }
            await #expect(throws: BackupError.self) {
                try await BackupFixture.backup(of: state).make(in: other.path + "/backup")
            }
            var after = try BackupFixture.contents(state)
            after["lock"] = nil
            #expect(after == before)
            let report = try await BackupFixture.restore(backup, to: state).run()
            #expect(report.account.held == 2 && report.account.addsUp)
            #expect(try await BackupFixture.ask(state, "account").first?["held"]?.integerValue == 2)
        }
    }

    @Test("refuses a manifest that leads out of the backup, and one of a later version")
    func manifests() async throws {
        let folder = try TemporaryFolder()
        let backup = try await Self.backup(in: folder)
        var manifest = try BackupManifest.read(from: backup, FileStorage())
        func rewrite() throws {
            for name in [BackupManifest.name, BackupManifest.digestName] {
                try FileManager.default.removeItem(atPath: backup + "/" + name)
            }
            try manifest.write(to: backup, FileStorage())
        }
        let good = manifest.files
        for path in ["state/../../x", "/etc/passwd", "state//x", "other/x", "state", "state/./x"] {
            manifest.files = good + [.init(path: path, size: 0, sha256: "")]
            try rewrite()
            #expect { try BackupManifest.read(from: backup, FileStorage()) } throws: { "\($0)".contains("leads out") }
        }
        manifest.files = good
        manifest.version += 1
        try rewrite()
        #expect { try BackupManifest.read(from: backup, FileStorage()) } throws: { ($0 as? BackupError)?.status == 78 }
        manifest.version -= 1
        manifest.ledgerRecords += 1
        try rewrite()
        await #expect { try await BackupFixture.restore(backup, to: folder.path + "/x").run() } throws: {
            "\($0)".contains("the ledger has")
        }
        await #expect { try await BackupFixture.ask(folder.path + "/x", "account") } throws: {
            "\($0)".contains("only partly restored")
        }
    }
}
