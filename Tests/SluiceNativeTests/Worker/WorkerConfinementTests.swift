// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Logging
import NIOCore
import SluiceCore
import SluiceTesting
import SluiceWorkerProtocol
import Testing

@testable import SluiceNative

/// What a real worker can and can't do once it has begun: it tries, and says what came of it.
@Suite("The confinement of a worker") struct WorkerConfinementTests {
    /// What must fail whatever the kernel is built with: by its user, its limits and the missing capabilities.
    private static let alwaysForbidden: Set = [
        "read the relay's memory", "write beside the databases", "another user", "mount", "more descriptors",
    ]
    /// What the filter of system calls forbids.
    private static let callsForbidden: Set = [
        "socket of TCP", "socket of Unix", "io_uring", "run a program", "fork", "signal the relay", "trace the relay",
        "limits of the relay", "a namespace", "be dumpable", "make memory executable", "map executable memory",
    ]
    /// What Landlock forbids.
    private static let filesForbidden: Set = ["read /etc/passwd", "list /", "write to /tmp"]
    private static let allowed: Set = ["list the databases", "write to its own folder"]

    private func ready(_ process: WorkerProcess, _ directory: WorkerDirectory) async throws -> WorkerVersions {
        let isSent = try process.send(WorkerFixture.setup(process, directory))
        #expect(isSent)
        guard case .ready(let versions) = try await WorkerFixture.reply(process) else { throw WorkerPoolError.died }
        return versions
    }

    @Test("it can't open a file, a socket or another process, run a program or make code, and keeps what a scan needs")
    func attempts() async throws {
        try await WorkerFixture.with { process, directory in
            let confinement = try await ready(process, directory).confinement
            let isSent = try process.send(.attempt)
            #expect(isSent)
            guard case .attempts(let attempts) = try await WorkerFixture.reply(process) else {
                throw WorkerPoolError.died
            }
            let done = Set(attempts.filter { $0.error == 0 }.map(\.name))
            #expect(
                Set(attempts.map(\.name))
                    == Self.alwaysForbidden.union(Self.callsForbidden).union(Self.filesForbidden).union(Self.allowed))
            #expect(done.isSuperset(of: Self.allowed))
            #expect(done.isDisjoint(with: Self.alwaysForbidden), "\(done)")
            if confinement.systemCalls != nil { #expect(done.isDisjoint(with: Self.callsForbidden), "\(done)") }
            if confinement.landlock != nil { #expect(done.isDisjoint(with: Self.filesForbidden), "\(done)") }
            #expect(!FileManager.default.fileExists(atPath: "/tmp/sluice-worker-was-here"))
            #expect(process.reap() == false, "it lives on")
        }
    }

    @Test("the kernel says the same of it: no capability, no new privileges, a filter, small limits, no core")
    func status() async throws {
        try await WorkerFixture.with { process, directory in
            let confinement = try await ready(process, directory).confinement
            let status = try fields("/proc/\(process.id)/status", separator: ":")
            for name in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
                #expect(status[name] == "0000000000000000", "\(name)")
            }
            #expect(status["NoNewPrivs"] == "1")
            #expect(confinement.isWithoutCapabilities)
            if confinement.systemCalls != nil { #expect(status["Seccomp"] == "2") }
            if geteuid() == 0, confinement.user != 0 {
                #expect(status["Uid"] == "65534\t65534\t65534\t65534" && status["CapBnd"] == "0000000000000000")
            }
            let limits = try String(contentsOfFile: "/proc/\(process.id)/limits", encoding: .utf8)
            func line(_ name: String) -> [Substring] {
                let line = limits.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
                return Array(line.dropFirst(name.count).split(separator: " ").prefix(2))
            }
            #expect(line("Max core file size") == ["0", "0"])
            #expect(line("Max open files") == ["256", "256"])
            #expect(line("Max address space") == ["4294967296", "4294967296"])
        }
    }

    private func fields(_ path: String, separator: Character) throws -> [String: String] {
        let pairs = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            let parts = line.split(separator: separator, maxSplits: 1)
            return (String(parts[0]), parts.dropFirst().first?.trimmingCharacters(in: .whitespaces) ?? "")
        }
        return Dictionary(pairs) { first, _ in first }
    }

    @Test(
        "under it the virus is found in a PDF, in a zip in a zip and in text of a character set that needs a converter")
    func scans() async throws {
        let pool = WorkerPool(
            try WorkerPoolTests.configuration(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let virus = TestVirus.octets
        let html = Array("<html><head><meta charset=\"koi8-r\"></head><body>\u{41}</body></html>".utf8) + [0xC1, 0xC2]
        let contents: [(content: [UInt8], answer: ScanAnswer)] = [
            (Self.pdf(holding: virus), .infected("Test.EICAR")),
            (ZipArchive.of("inner.zip", ZipArchive.of("eicar.com", virus)), .infected("Test.EICAR")),
            (Self.pdf(holding: Array("Hello.".utf8)), .clean), (html, .clean),
        ]
        var answers: [ScanAnswer] = []
        for (content, _) in contents {
            let message = MemoryContent(TestMessage.attaching(content))
            answers.append(try await pool.scan(message: [message], deadline: .seconds(30)).answer)
        }
        let confinement = try #require(try await pool.versions(deadline: .seconds(30)).confinement)
        await pool.shutdown()
        #expect(answers == contents.map(\.answer))
        #expect("\(confinement)".contains("no capabilities"))
    }

    /// A document with one stream.
    private static func pdf(holding content: [UInt8]) -> [UInt8] {
        Array("%PDF-1.4\n1 0 obj\n<< /Type /EmbeddedFile /Length \(content.count) >>\nstream\n".utf8) + content
            + Array("\nendstream\nendobj\ntrailer\n<< /Size 2 >>\n%%EOF\n".utf8)
    }

    @Test("what a kernel without seccomp or Landlock leaves out is named")
    func missing() {
        let whole = ScannerConfinement(
            WorkerConfinement(user: 65_534, isWithoutCapabilities: true, systemCalls: 90, landlock: 4))
        #expect(whole.missing == [])
        #expect(
            "\(whole)"
                == "user 65534, no capabilities, no new privileges, 90 system calls and no more, no file but the databases and its own folder (landlock 4)"
        )
        let less = ScannerConfinement(
            WorkerConfinement(user: 1000, isWithoutCapabilities: true, systemCalls: nil, landlock: nil))
        #expect(less.missing == ["seccomp", "landlock"])
        #expect("\(less)".contains("the kernel has no landlock"))
    }
}
