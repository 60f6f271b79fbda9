// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import SluiceNative
import Synchronization
import Testing

@testable import SluiceServer

/// A short form: some of what `sluice drill` does, in this process; `sluice drill` is the whole.
@Suite("The drill", .serialized) struct DrillTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func rows(_ text: String? = nil, only: [String]) async throws -> [DrillRow] {
        let rows = Mutex<[DrillRow]>([])
        let source = text.map { Drill.Source(text: $0, file: "test", directory: "") } ?? .embedded
        let worker = try #require(WorkerPool.findExecutable(), "the programs are not beside the tests")
        let program = URL(filePath: worker).deletingLastPathComponent().appending(path: "sluice").path()
        try await Drill(source, only: only, program: program, logger: Self.logger) { row in
            rows.withLock { $0.append(row) }
        }.run(handlesSignals: false)
        let folder =
            FileManager.default.temporaryDirectory.path
            + "/sluice-drill-\(ProcessInfo.processInfo.processIdentifier)"
        #expect(!FileManager.default.fileExists(atPath: folder), "it leaves nothing behind")
        return rows.withLock { $0 }
    }

    @Test("everything under a filter, a DNS and a scanner goes as it is declared, and the table says so")
    func stages() async throws {
        let text = """
            hostname: mx.example.org
            state: /nowhere
            listeners: [{name: mx, address: "127.0.0.1:0", pipeline: inbound}]
            relay: {domains: {example.org: {route: "smtp://192.0.2.5:25", recipients: any}}}
            pipelines:
              inbound:
                - spf: {temperror: defer}
                - milter: {name: other, address: "192.0.2.9:8891", on_error: refuse}
                - virus: {database: embedded, on_error: quarantine}
                - spam: {on_error: pass}
            """
        let rows = try await rows(text, only: ["spf", "milter", "virus", "spam"])
        #expect(rows.filter { $0.judgement == .otherwise }.map { "\($0)" } == [])
        let broken = rows.filter { $0.fault != .none }
        #expect(broken.count == 16)
        let policies: KeyValuePairs = [
            "inbound/spf": "temperror: defer", "inbound/milter:other": "on_error: refuse",
            "inbound/virus": "on_error: quarantine",
        ]
        for (title, policy) in policies {
            let own = broken.filter { $0.stage == title }
            let faults = own.map(\.fault.rawValue).joined(separator: " ")
            #expect(faults == "dead hang slow garbage crash")
            let declared = own.map(\.declared)
            let wanted: [String] = [policy, policy, "checked all the same", policy, policy]
            #expect(declared == wanted)
        }
        let last = try #require(rows.last?.json)
        #expect(last["ok"] == .bool(true))
        #expect(last["fault"]?.stringValue == "overlong")
    }

    @Test("a next hop that breaks is tried again until it is mended; a full disk takes no mail and loses none")
    func everyMessage() async throws {
        let rows = try await rows(only: ["next-hop", "disk"])
        #expect(rows.filter { $0.judgement == .otherwise }.map { "\($0)" } == [])
        let hops = rows.filter { $0.stage == "next hop" && $0.judgement == .asDeclared }
        #expect(hops.count == 5)
        // Where neither root nor user namespaces are to be had, there is no small file system.
        let disk = rows.filter { $0.stage == "disk" }
        #expect(disk.count == 5 || disk.map(\.judgement) == [.notTried])
    }
}
