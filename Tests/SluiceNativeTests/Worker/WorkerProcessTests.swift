// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SluiceCore
import SluiceTesting
import SluiceWorkerProtocol
import Testing

@testable import SluiceNative

/// A worker spoken to directly, without the pool.
enum WorkerFixture {
    /// Starts a worker with a folder and databases of its own, and ends both.
    static func with(
        databases: [(name: String, octets: [UInt8])] = WorkerPoolTests.database,
        _ body: (WorkerProcess, WorkerDirectory) async throws -> Void
    ) async throws {
        let executable = try #require(WorkerPool.findExecutable(), "sluice-worker is not beside the tests")
        let directory = try WorkerDirectory(in: "/tmp", databases: databases)
        let user = geteuid() == 0 ? WorkerProcess.unprivilegedUser : nil
        let process = try WorkerProcess(executable: executable, folder: directory.makeFolder(owner: user))
        defer {
            process.kill()
            for _ in 0..<1000 where !process.reap() { usleep(1000) }
        }
        try await body(process, directory)
    }

    static func setup(_ process: WorkerProcess, _ directory: WorkerDirectory) -> WorkerRequest {
        .setup(
            WorkerSetup(
                embeddedDatabase: directory.database, officialDatabase: nil, temporaryDirectory: process.folder,
                memoryLimit: 4 << 30, lookMilliseconds: 30_000,
                user: geteuid() == 0 ? WorkerProcess.unprivilegedUser : nil))
    }

    static func reply(_ process: WorkerProcess) async throws -> WorkerReply {
        for _ in 0..<2000 {
            if let reply = try process.receive() { return reply }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw WorkerPoolError.noneFree
    }
}

@Suite("A worker process") struct WorkerProcessTests {
    private let limits = ScanLimits(
        scanSize: 1 << 20, fileSize: 1 << 20, recursion: 5, files: 10, milliseconds: 10_000, processorSeconds: 4,
        mailLines: 1000, mailSize: 1 << 20)

    @Test("it says what it has loaded, scans what it is handed, and leaves the content as it was")
    func dialogue() async throws {
        try await WorkerFixture.with { process, directory in
            #expect(try process.send(WorkerFixture.setup(process, directory)))
            guard case .ready(let versions) = try await WorkerFixture.reply(process) else { throw WorkerPoolError.died }
            #expect(versions.embeddedSignatures == 1 && versions.official == nil && versions.officialFault == nil)
            let file = try MemoryFile([MemoryContent(String(decoding: TestVirus.octets, as: UTF8.self))])
            #expect(try process.send(.scan(limits), content: file.descriptor))
            #expect(try await WorkerFixture.reply(process) == .outcome(.infected("Test.EICAR")))
            var status = stat()
            #expect(fstat(file.descriptor, &status) == 0 && status.st_size == TestVirus.octets.count)
        }
    }

    @Test("content that is longer than a file may be exceeds a limit")
    func longContent() async throws {
        try await WorkerFixture.with { process, directory in
            #expect(try process.send(WorkerFixture.setup(process, directory)))
            _ = try await WorkerFixture.reply(process)
            let file = try MemoryFile([MemoryContent(String(repeating: "a", count: 3 << 20))])
            #expect(try process.send(.scan(limits), content: file.descriptor))
            #expect(
                try await WorkerFixture.reply(process)
                    == .outcome(.limitExceeded("Heuristics.Limits.Exceeded.MaxFileSize")))
        }
    }

    @Test("it ends, without an answer, where the first request is no set-up or a scan comes without content")
    func disorder() async throws {
        try await WorkerFixture.with { process, _ in
            let isSent = try process.send(.scan(limits))
            #expect(isSent)
            await #expect(throws: WorkerPoolError.died) { try await WorkerFixture.reply(process) }
        }
        try await WorkerFixture.with { process, directory in
            #expect(try process.send(WorkerFixture.setup(process, directory)))
            _ = try await WorkerFixture.reply(process)
            let isSent = try process.send(.scan(limits))
            #expect(isSent)
            await #expect(throws: WorkerPoolError.died) { try await WorkerFixture.reply(process) }
        }
    }

    @Test("it says why it can't work")
    func unusable() async throws {
        try await WorkerFixture.with(databases: [("a.ndb", [0x41, 0x0A])]) { process, directory in
            #expect(try process.send(WorkerFixture.setup(process, directory)))
            guard case .unusable(let why) = try await WorkerFixture.reply(process) else { throw WorkerPoolError.died }
            #expect(why.contains("Malformed database"))
        }
    }

    @Test("it ends when the relay's end of the socket is closed")
    func relayGone() async throws {
        try await WorkerFixture.with { process, directory in
            #expect(try process.send(WorkerFixture.setup(process, directory)))
            _ = try await WorkerFixture.reply(process)
            shutdown(process.socket, Int32(SHUT_RDWR))
            var hasEnded = false
            for _ in 0..<500 where !hasEnded {
                hasEnded = process.reap()
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(hasEnded)
        }
    }

    @Test("started by hand it says that it is not meant for that: 64")
    func byHand() throws {
        let executable = try #require(WorkerPool.findExecutable())
        let process = Process()
        let errors = Pipe()
        process.executableURL = URL(filePath: executable)
        process.standardError = errors
        try process.run()
        let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 64)
        #expect(words.contains("is started by sluice"))
    }
}
