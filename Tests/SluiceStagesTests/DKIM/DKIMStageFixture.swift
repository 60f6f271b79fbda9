// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import SluiceFilter
import SluiceNative
import Testing

@testable import SluiceStages

/// Stages, contexts and keys for the tests of both DKIM stages.
enum DKIMStageFixture {
    static let now = Timestamp(seconds: 1_700_000_000)
    static let text = "From: Ann <ann@example.org>\r\nSubject: x\r\n\r\nHello\r\n"

    static func services(_ resolver: any Resolver = ZoneResolver([:])) -> StageServices {
        StageServices(
            resolver: resolver, time: SystemTime(), logger: Logger(label: "test"), pool: CPUPool(threads: 1),
            workers: nil)
    }

    static func context(_ resolver: any Resolver = ZoneResolver([:])) throws -> StageContext {
        StageContext(
            id: "1", now: now, hostname: "mx.example.net",
            client: ClientInfo(address: try #require(IPAddress("192.0.2.1")), helo: "client.example"), isTrusted: false,
            envelope: Envelope(reversePath: .null, recipients: []), resolver: resolver)
    }

    static func message(_ text: String = text) throws -> Message { try Message(MemoryContent(text)) }

    static func zone(_ key: DKIMKey, _ suffix: String = "", selector: String = "s1", domain: String = "example.org")
        -> ZoneResolver
    {
        ZoneResolver([
            "\(selector)._domainkey.\(domain)": [.record(.txt, .text([Array((key.record + suffix).utf8)]))]
        ])
    }

    /// Reads a configuration of a stage from nodes, as if from a file; gives what was reported too.
    static func configuration<Value: ConfigurationReadable>(
        _ type: Value.Type, _ entries: [(String, ConfigurationNode.Value)], directory: String = ""
    ) -> (value: Value, diagnostics: [String]) {
        let reader = ConfigurationReader(directory: directory)
        let section = ConfigurationSection(
            mapping(entries, line: 1), path: "stage", reader: reader,
            mark: SourceMark(file: "c.yml", line: 1, column: 1))
        let value = Value(reading: section)
        section.finish()
        return (value, reader.diagnostics.map(\.description))
    }

    /// A mapping whose entries stand on a line each, its values in column 9.
    static func mapping(_ entries: [(String, ConfigurationNode.Value)], line: Int) -> ConfigurationNode {
        ConfigurationNode(
            mark: SourceMark(file: "c.yml", line: line, column: 1),
            value: .mapping(
                entries.enumerated().map { index, entry in
                    let mark = SourceMark(file: "c.yml", line: line + index, column: 9)
                    return (key: entry.0, mark: mark, value: ConfigurationNode(mark: mark, value: entry.1))
                }))
    }

    static func plain(_ text: String) -> ConfigurationNode.Value { .scalar(text, isPlain: true) }

    /// Calls with a folder of its own, which is gone afterwards.
    static func withFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-dkim-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // The folder is the system's to clear else.
        return try body(folder.path)
    }

    static func write(_ key: DKIMKey, to path: String, mode: Int = 0o600) throws {
        try Data(key.pem).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
}
