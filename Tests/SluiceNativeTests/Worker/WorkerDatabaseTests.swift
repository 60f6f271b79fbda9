// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Logging
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@Suite("The databases of the workers") struct WorkerDatabaseTests {
    private func with(
        _ change: (inout WorkerPool.Configuration) -> Void, _ body: (WorkerPool) async throws -> Void
    ) async throws {
        var configuration = try WorkerPoolTests.configuration()
        change(&configuration)
        let pool = WorkerPool(configuration, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        do { try await body(pool) } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    /// A folder that a worker may read even where it has become nobody.
    private func withFolder(_ files: [String: [UInt8]], _ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "sluice-test-\(UInt64.random(in: 0...UInt64.max))"
        ).path()
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        for (name, octets) in files {
            let isMade = FileManager.default.createFile(
                atPath: folder + "/" + name, contents: Data(octets), attributes: [.posixPermissions: 0o644])
            #expect(isMade)
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test("a missing executable is named, at once")
    func noExecutable() async throws {
        try await with {
            $0.executable = "/nowhere/sluice-worker"
        } _: { pool in
            let began = ContinuousClock.now
            await #expect {
                try await pool.scan(message: [MemoryContent("x")], deadline: .seconds(30))
            } throws: {
                "\($0)".contains("/nowhere/sluice-worker: No such file or directory")
            }
            #expect(ContinuousClock.now - began < .seconds(5))
        }
    }

    @Test("an executable that is no worker fails every scan, and soon")
    func wrongExecutable() async throws {
        try await with {
            $0.executable = "/bin/true"
        } _: { pool in
            await #expect(throws: WorkerPoolError.unavailable("the process died")) {
                try await pool.scan(message: [MemoryContent("x")], deadline: .seconds(30))
            }
        }
    }

    @Test("a broken database of ours fails every scan, in libclamav's words")
    func brokenEmbedded() async throws {
        try await with {
            $0.embeddedDatabases = [("broken.ndb", Array("not a signature\n".utf8))]
        } _: { pool in
            await #expect {
                try await pool.scan(message: [MemoryContent("x")], deadline: .seconds(30))
            } throws: {
                "\($0)".contains("Malformed database")
            }
        }
    }

    @Test("freshclam's folder that is missing or empty is a fact, and ours scan on")
    func missingOfficial() async throws {
        try await withFolder([:]) { folder in
            for path in [folder, folder + "/nowhere"] {
                try await with { _ in
                } _: { pool in
                    let report = try await pool.scan(
                        message: [MemoryContent(TestMessage.attaching(TestVirus.octets))],
                        database: .official(folder: path), deadline: .seconds(30))
                    #expect(report.answer == .infected("Test.EICAR"))
                    #expect(report.versions.official == nil)
                    #expect(report.versions.officialFault?.contains("does not hold main and daily") == true)
                }
            }
        }
    }

    @Test("freshclam's databases that are broken are a fact, and ours scan on")
    func brokenOfficial() async throws {
        let garbage = [UInt8](repeating: 0x41, count: 4096)
        try await withFolder(["main.cvd": garbage, "daily.cvd": garbage]) { folder in
            try await with { _ in
            } _: { pool in
                let report = try await pool.scan(
                    message: [MemoryContent(TestMessage.attaching(TestVirus.octets))],
                    database: .official(folder: folder), deadline: .seconds(30))
                #expect(report.answer == .infected("Test.EICAR"))
                #expect(report.versions.official == nil)
                #expect(report.versions.officialFault?.isEmpty == false)
            }
        }
    }

    @Test("a change in freshclam's folder ends an idle process, and a new one loads what is there")
    func renewal() async throws {
        try await withFolder([:]) { folder in
            try await with {
                $0.lookInterval = .milliseconds(50)
            } _: { pool in
                let before = try await pool.versions(of: .official(folder: folder), deadline: .seconds(30))
                #expect(before.officialFault?.contains("does not hold") == true)
                let first = try #require(pool.processIDs.first)
                for name in ["main.cvd", "daily.cvd"] {
                    try Data("broken".utf8).write(to: URL(filePath: folder + "/" + name))
                    try FileManager.default.setAttributes(
                        [.posixPermissions: 0o644], ofItemAtPath: folder + "/" + name)
                }
                for _ in 0..<500 where [[], [first]].contains(pool.processIDs) {
                    try await Task.sleep(for: .milliseconds(10))
                }
                let after = try await pool.versions(of: .official(folder: folder), deadline: .seconds(30))
                #expect(after.officialFault?.contains("does not hold") == false)
                #expect(pool.processIDs.first != first)
            }
        }
    }

    @Test("a worker has confined itself: no new privileges, no core, bounded memory, and not root")
    func confinement() async throws {
        try await with { _ in
        } _: { pool in
            _ = try await pool.versions(deadline: .seconds(30))
            let process = try #require(pool.processIDs.first)
            let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            #expect(status.contains("NoNewPrivs:\t1"))
            if geteuid() == 0 { #expect(status.contains("Uid:\t65534\t65534\t65534\t65534")) }
            // The limits of a process that is not dumpable can be read by root only.
            if geteuid() == 0 {
                let limits = try String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)
                let address = limits.split(separator: "\n").first { $0.hasPrefix("Max address space") }
                #expect(address?.contains("\(4 << 30)") == true)
                let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
                #expect(core?.split(separator: " ").contains("0") == true)
            }
        }
    }
}
