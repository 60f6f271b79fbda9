// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOCore
import SluiceCore
import SluiceFilter
import SluiceNative
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceStages

@Suite("The virus stage") struct VirusStageTests {
    private final class Notes: Sendable {
        let evidence = Mutex<[Evidence]>([])
    }

    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Runs the stage over a message, with the databases that Sluice brings along.
    private func evaluate(
        _ text: String, notes: Notes = Notes(), _ change: (inout VirusStage.Configuration) -> Void = { _ in }
    ) async throws -> StageResult {
        let executable = try #require(WorkerPool.findExecutable(), "sluice-worker is not beside the tests")
        let pool = WorkerPool(
            .init(executable: executable, count: 1, embeddedDatabases: EmbeddedVirusDatabase.files),
            logger: Self.logger)
        var configuration = VirusStage.Configuration()
        configuration.database = .embedded
        change(&configuration)
        let services = StageServices(
            resolver: ZoneResolver([:]), time: SystemTime(), logger: Self.logger, pool: CPUPool(threads: 1),
            workers: pool)
        let stage = try VirusStage(configuration: configuration, services: services)
        let result: Result<StageResult, any Error>
        do {
            result = .success(
                try await stage.evaluate(Message(MemoryContent(text)), in: try context(services, notes)))
        } catch { result = .failure(error) }
        await pool.shutdown()
        return try result.get()
    }

    private func context(_ services: StageServices, _ notes: Notes) throws -> StageContext {
        StageContext(
            id: "test", now: Timestamp(seconds: 0), hostname: "mx.example.org",
            client: ClientInfo(address: try #require(IPAddress("192.0.2.1"))), isTrusted: false,
            envelope: Envelope(reversePath: .null, recipients: []), resolver: services.resolver,
            noteEvidence: { note in notes.evidence.withLock { $0.append(note) } })
    }

    @Test("a virus is refused by its name, and the evidence names the databases")
    func reject() async throws {
        let notes = Notes()
        let result = try await evaluate(TestMessage.attaching(TestVirus.octets), notes: notes)
        #expect(
            result.verdict
                == .refuse(
                    Reply(554, EnhancedStatusCode(5, 7, 1), "the message holds a virus: Sluice.Test.EICAR")))
        #expect(result.findings.map(\.name) == ["Sluice.Test.EICAR"])
        let names = notes.evidence.withLock { $0 }.map { evidence in
            if case .database(let name, let version) = evidence, !version.isEmpty { name } else { "" }
        }
        #expect(names == ["libclamav", "sluice"])
    }

    @Test("a virus in a zip is a virus")
    func zip() async throws {
        let result = try await evaluate(TestMessage.attaching(ZipArchive.of("e.com", TestVirus.octets), name: "e.zip"))
        #expect(result.verdict.disposition == .reject)
    }

    @Test("infected: quarantine and discard are done as they say")
    func actions() async throws {
        let message = TestMessage.attaching(TestVirus.octets)
        let reason = "the message holds a virus: Sluice.Test.EICAR"
        #expect(try await evaluate(message) { $0.infected = .quarantine }.verdict == .quarantine(reason: reason))
        #expect(try await evaluate(message) { $0.infected = .discard }.verdict == .discard(reason: reason))
    }

    @Test("a program dressed up as a document is a virus, attached or in a zip; its harmless likes are not")
    func droppers() async throws {
        let program = Array("MZ and so on".utf8)
        for name in ["Invoice.pdf.exe", "INVOICE.DOCX   .SCR", "photo.jpeg.hta"] {
            let attached = try await evaluate(TestMessage.attaching(program, name: name))
            #expect(attached.findings.map(\.name) == ["Sluice.Dropper.DoubleExtension"], "\(name)")
            let packed = try await evaluate(TestMessage.attaching(ZipArchive.of(name, program), name: "a.zip"))
            #expect(packed.findings.map(\.name) == ["Sluice.Dropper.DoubleExtension"], "\(name)")
        }
        let reversed = try await evaluate(TestMessage.attaching(ZipArchive.of("inv\u{202E}fdp.exe", program)))
        #expect(reversed.findings.map(\.name) == ["Sluice.Dropper.ReversedName"])
        for name in ["report.v2.pdf", "jquery.min.js", "setup.1.2.exe", "notes.txt", "a.tar.gz", "\u{202E}a.txt"] {
            let packed = try await evaluate(TestMessage.attaching(ZipArchive.of(name, program), name: "a.zip"))
            #expect(packed == StageResult(), "\(name)")
        }
    }

    @Test("a clean message passes with the embedded database")
    func clean() async throws {
        #expect(try await evaluate(TestMessage.plain) == StageResult())
    }

    @Test("without freshclam's databases, database: official calls nothing clean, but a virus of ours is one")
    func official() async throws {
        func official(_ configuration: inout VirusStage.Configuration) {
            configuration.database = .official
            configuration.databaseFolder = "/nowhere"
        }
        await #expect {
            try await evaluate(TestMessage.plain, official)
        } throws: {
            "\($0)".contains("ClamAV's databases are not loaded: /nowhere does not hold main and daily")
        }
        let infected = try await evaluate(TestMessage.attaching(TestVirus.octets), official)
        #expect(infected.verdict.disposition == .reject)
    }

    @Test("a scan that reaches a limit fails")
    func limit() async throws {
        var zip = ZipArchive.of("e.com", TestVirus.octets)
        for _ in 0..<10 { zip = ZipArchive.of("a.zip", zip) }
        let message = TestMessage.attaching(zip)
        await #expect(throws: VirusStageError.limitExceeded("Heuristics.Limits.Exceeded.MaxRecursion")) {
            try await evaluate(message) { $0.limits.recursion = 4 }
        }
    }

    @Test("no accept skips the scanner, and it defers where it can't scan")
    func placement() {
        #expect(!VirusStage.placement.isSkippable)
        #expect(VirusStage.defaults.onError == .defer && VirusStage.defaults.timeout == .seconds(30))
    }

    @Test("without workers the stage can't be made, and says what is missing")
    func noWorkers() {
        let services = StageServices(
            resolver: ZoneResolver([:]), time: SystemTime(), logger: Self.logger, pool: CPUPool(threads: 1),
            workers: nil)
        #expect(throws: VirusStageError.noWorkers) {
            try VirusStage(configuration: .init(), services: services)
        }
    }
}
