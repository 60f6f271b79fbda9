// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Logging
import NIOCore
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@Suite("The worker pool") struct WorkerPoolTests {
    /// The test file, at the start of a file of any kind.
    static let database: [(name: String, octets: [UInt8])] = [
        (
            "test.ndb",
            Array(
                ("Test.EICAR:0:0:" + TestVirus.octets.map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined())
                    .utf8)
                + [0x0A]
        )
    ]

    static func configuration(count: Int = 1) throws -> WorkerPool.Configuration {
        let executable = try #require(WorkerPool.findExecutable(), "sluice-worker is not beside the tests")
        return WorkerPool.Configuration(executable: executable, count: count, embeddedDatabases: database)
    }

    private func with(
        _ configuration: WorkerPool.Configuration, _ body: (WorkerPool) async throws -> Void
    ) async throws {
        let pool = WorkerPool(configuration, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        do { try await body(pool) } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    private func scan(
        _ pool: WorkerPool, _ text: String, limits: WorkerPool.Limits = .init(), deadline: Duration = .seconds(30)
    ) async throws -> ScanAnswer {
        try await pool.scan(message: [MemoryContent(text)], limits: limits, deadline: deadline).answer
    }

    /// Waits until the pool runs a process other than these, or none where `none` is set.
    private func process(_ pool: WorkerPool, besides old: Int32 = 0) async throws -> Int32 {
        for _ in 0..<500 {
            if let id = pool.processIDs.first(where: { $0 != old }) { return id }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw WorkerPoolError.noneFree
    }

    @Test("its figures tell what the processes do, and that one was started again")
    func figures() async throws {
        try await with(Self.configuration()) { pool in
            #expect(pool.figures == WorkerFigures())
            #expect(try await scan(pool, "Subject: x\r\n\r\nx\r\n") == .clean)
            let first = try await process(pool)
            try await until(pool) { $0.idle == 1 && $0.starts == 1 && $0.failures == 0 && $0.waiting == 0 }
            kill(first, SIGKILL)
            try await until(pool) { $0.idle == 0 && $0.failures == 1 }
            #expect(try await scan(pool, "Subject: x\r\n\r\nx\r\n") == .clean)
            try await until(pool) { $0.idle == 1 && $0.starts == 2 && $0.busy == 0 }
        }
    }

    private func until(_ pool: WorkerPool, _ condition: (WorkerFigures) -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while !condition(pool.figures), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
        #expect(condition(pool.figures), "\(pool.figures)")
    }

    @Test("a test virus is found by its name: as the body, attached, and in a zip in a zip")
    func infected() async throws {
        try await with(Self.configuration()) { pool in
            let virus = TestVirus.octets
            let zip = ZipArchive.of("inner.zip", ZipArchive.of("eicar.com", virus))
            let messages = [
                "Subject: x\r\n\r\n" + String(decoding: virus, as: UTF8.self) + "\r\n",
                TestMessage.attaching(virus), TestMessage.attaching(zip),
                "X-Unknown: 1\r\n" + TestMessage.attaching(virus), "no field\r\n" + TestMessage.attaching(virus),
            ]
            for message in messages {
                let answer = try await scan(pool, message)
                #expect(answer == .infected("Test.EICAR"), "\(message.prefix(20))")
            }
        }
    }

    @Test("a harmless message is clean, and so is one that quotes the test virus in its text")
    func clean() async throws {
        try await with(Self.configuration()) { pool in
            let report = try await pool.scan(message: [MemoryContent(TestMessage.plain)], deadline: .seconds(30))
            #expect(report.answer == .clean)
            #expect(report.versions.embeddedSignatures == 1 && report.versions.official == nil)
            #expect(report.versions.engine.contains("."))
            let quoting =
                "Subject: x\r\n\r\nIt begins with " + String(decoding: TestVirus.octets, as: UTF8.self) + "\r\n"
            #expect(try await scan(pool, quoting) == .clean)
            #expect(try await scan(pool, "") == .clean)
        }
    }

    @Test("the parts of a message are scanned as one")
    func parts() async throws {
        try await with(Self.configuration()) { pool in
            let message = Array(TestMessage.attaching(TestVirus.octets).utf8)
            let parts = [message.prefix(150), message[150..<350], message.dropFirst(350)].map {
                MemoryContent(ByteBuffer(bytes: $0))
            }
            let report = try await pool.scan(message: parts, deadline: .seconds(30))
            #expect(report.answer == .infected("Test.EICAR"))
        }
    }

    @Test("what exceeds a limit is never clean")
    func limits() async throws {
        try await with(Self.configuration()) { pool in
            func answer(_ message: String, _ limits: WorkerPool.Limits) async throws -> ScanAnswer {
                try await scan(pool, message, limits: limits)
            }
            var zip = ZipArchive.of("a", [1, 2, 3])
            for _ in 0..<10 { zip = ZipArchive.of("a.zip", zip) }
            let long = [UInt8](repeating: 0x61, count: 300_000)
            let outcomes = [
                try await answer(TestMessage.attaching(zip), .init(recursion: 5)),
                try await answer(TestMessage.attaching(long), .init(scanSize: 100_000)),
                try await answer(TestMessage.attaching(long), .init(fileSize: 100_000)),
                try await answer(TestMessage.attaching(ZipArchive.of("a", long)), .init(fileSize: 200_000)),
            ]
            for outcome in outcomes {
                guard case .limitExceeded(let name) = outcome else {
                    Issue.record("\(outcome)")
                    continue
                }
                #expect(name.hasPrefix("Heuristics.Limits.Exceeded"))
            }
        }
    }

    @Test("what exceeded a limit once does so again: nothing is clean because it was met before")
    func limitsAgain() async throws {
        try await with(Self.configuration()) { pool in
            let zip = ZipArchive.of("a.zip", ZipArchive.of("a", [UInt8](repeating: 0x61, count: 300_000)))
            for packed in [zip, zip, ZipArchive.of("b.zip", zip)] {
                let outcome = try await scan(pool, TestMessage.attaching(packed), limits: .init(fileSize: 200_000))
                #expect(outcome != .clean)
            }
        }
    }

    @Test("a virus a thousand parts deep is not clean, and the process lives on")
    func deep() async throws {
        try await with(Self.configuration()) { pool in
            var message = "Content-Transfer-Encoding: base64\r\n\r\n" + Data(TestVirus.octets).base64EncodedString()
            for level in 0..<1000 {
                message =
                    "Content-Type: multipart/mixed; boundary=b\(level)\r\n\r\n--b\(level)\r\n\(message)\r\n--b\(level)--\r\n"
            }
            #expect(try await scan(pool, message) != .clean)
            let process = try #require(pool.processIDs.first)
            #expect(try await scan(pool, TestMessage.plain) == .clean)
            #expect(pool.processIDs == [process])
        }
    }

    @Test("a process that is killed in the middle costs its scan, and no other")
    func killed() async throws {
        try await with(Self.configuration()) { pool in
            _ = try await pool.versions(deadline: .seconds(30))
            let first = try await process(pool)
            kill(first, SIGSTOP)
            let lost = Task { try await scan(pool, TestMessage.plain) }
            try await Task.sleep(for: .milliseconds(100))
            async let waiting = scan(pool, TestMessage.attaching(TestVirus.octets))
            try await Task.sleep(for: .milliseconds(50))
            kill(first, SIGKILL)
            await #expect(throws: WorkerPoolError.died) { try await lost.value }
            let answer = try await waiting
            #expect(answer == .infected("Test.EICAR"))
            _ = try await process(pool, besides: first)
        }
    }

    @Test("a process that dies while idle is replaced without a failure")
    func diedIdle() async throws {
        try await with(Self.configuration()) { pool in
            for _ in 0..<3 {
                #expect(try await scan(pool, TestMessage.plain) == .clean)
                kill(try await process(pool), SIGKILL)
                for _ in 0..<500 where !pool.processIDs.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            }
            #expect(try await scan(pool, TestMessage.plain) == .clean)
        }
    }

    @Test("a process that hangs is killed at the deadline, and the next scan has a new one")
    func hangs() async throws {
        try await with(Self.configuration()) { pool in
            _ = try await pool.versions(deadline: .seconds(30))
            let first = try await process(pool)
            kill(first, SIGSTOP)
            let began = ContinuousClock.now
            await #expect(throws: WorkerPoolError.timedOut) {
                try await scan(pool, TestMessage.plain, deadline: .milliseconds(300))
            }
            #expect(ContinuousClock.now - began < .seconds(5))
            #expect(try await scan(pool, TestMessage.plain) == .clean)
            #expect(kill(first, 0) == -1, "the killed process is gone")
        }
    }

    @Test("where all processes are busy a scan waits, and no longer than its deadline")
    func noneFree() async throws {
        try await with(Self.configuration()) { pool in
            _ = try await pool.versions(deadline: .seconds(30))
            let first = try await process(pool)
            kill(first, SIGSTOP)
            async let busy = scan(pool, TestMessage.plain, deadline: .seconds(20))
            try await Task.sleep(for: .milliseconds(50))
            await #expect(throws: WorkerPoolError.noneFree) {
                try await scan(pool, TestMessage.plain, deadline: .milliseconds(200))
            }
            kill(first, SIGCONT)
            let answer = try await busy
            #expect(answer == .clean)
        }
    }

    @Test("a caller that is cancelled does not wait, be its scan running or queued")
    func cancelled() async throws {
        try await with(Self.configuration()) { pool in
            _ = try await pool.versions(deadline: .seconds(30))
            kill(try await process(pool), SIGSTOP)
            let tasks = (0..<2).map { _ in Task { try await scan(pool, TestMessage.plain) } }
            try await Task.sleep(for: .milliseconds(100))
            for task in tasks { task.cancel() }
            for task in tasks {
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            kill(try await process(pool), SIGCONT)
            #expect(try await scan(pool, TestMessage.plain) == .clean)
        }
    }

    @Test("past the queue's limit a scan fails at once")
    func overloaded() async throws {
        var configuration = try Self.configuration()
        configuration.queueLimit = 2
        try await with(configuration) { pool in
            _ = try await pool.versions(deadline: .seconds(30))
            let first = try await process(pool)
            kill(first, SIGSTOP)
            // The loop counts the job that was just answered until it comes round.
            try await Task.sleep(for: .milliseconds(300))
            let tasks = (0..<3).map { _ in Task { try await scan(pool, TestMessage.plain) } }
            try await Task.sleep(for: .seconds(1))  // until all three are in the queue
            await #expect(throws: WorkerPoolError.overloaded) { try await scan(pool, TestMessage.plain) }
            kill(first, SIGCONT)
            for task in tasks { #expect(try await task.value == .clean) }
        }
    }

    @Test("two processes scan side by side")
    func parallel() async throws {
        try await with(Self.configuration(count: 2)) { pool in
            let clean = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<40 { group.addTask { (try? await scan(pool, TestMessage.plain)) == .clean } }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(clean == 40)
            #expect(pool.processIDs.count == 2)
        }
    }

    @Test("a pool that is shut down leaves no process and no file, and fails what waits")
    func shutdown() async throws {
        let parent = FileManager.default.temporaryDirectory.appending(
            path: "sluice-test-\(UInt64.random(in: 0...UInt64.max))"
        ).path()
        try FileManager.default.createDirectory(
            atPath: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        defer { try? FileManager.default.removeItem(atPath: parent) }
        var configuration = try Self.configuration()
        configuration.temporaryDirectory = parent
        try await with(configuration) { pool in
            _ = try await pool.versions(deadline: .seconds(30))
            let first = try await process(pool)
            let made = try FileManager.default.contentsOfDirectory(atPath: parent)
            #expect(made.count == 1)
            kill(first, SIGSTOP)
            let task = Task { try await scan(pool, TestMessage.plain) }
            try await Task.sleep(for: .milliseconds(50))
            await pool.shutdown()
            await #expect(throws: WorkerPoolError.stopped) { try await task.value }
            await #expect(throws: WorkerPoolError.stopped) { try await scan(pool, TestMessage.plain) }
            #expect(kill(first, 0) == -1)
            let left = try FileManager.default.contentsOfDirectory(atPath: parent)
            #expect(left.isEmpty)
        }
    }
}
