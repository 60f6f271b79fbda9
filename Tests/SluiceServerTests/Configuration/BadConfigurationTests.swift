// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import SluiceServer
import Testing

/// `fixtures/bad-configurations/`: beside each `NAME.yml` stands `NAME.txt`, a line for each mistake as it is reported.
@Suite("A bad configuration") struct BadConfigurationTests {
    private static let folder = "bad-configurations"

    /// The files that the fixtures refer to.
    private func makeFolder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("no key\n", to: "open.pem", mode: 0o644)
        try folder.write("no key\n", to: "private.pem")
        try folder.write("this is no login\nanna:SCRAM-SHA-256$1:x$y:z\n", to: "users.txt")
        try folder.write("anna\n# a comment\nbert@\n", to: "mailboxes.txt")
        try folder.write("example.org: [{TXT: x}, {BOGUS: y}]\nexample.net: text\n", to: "zone.yml")
        try FileManager.default.createDirectory(
            atPath: folder.path + "/folder", withIntermediateDirectories: false)
        return folder
    }

    @Test(
        "is reported with every mistake at once, each with its place and what would be right",
        arguments: try Fixtures.files(folder, ending: ".yml"))
    func fixture(_ name: String) async throws {
        let folder = try makeFolder()
        let reading = ServerConfiguration.read(
            try Fixtures.text(Self.folder + "/" + name), file: name, directory: folder.path)
        var found = reading.diagnostics
        if let configuration = reading.configuration {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            found += await ServerCheck.problems(configuration, logger: logger)
        }
        let lines = found.map { $0.description.replacingOccurrences(of: folder.path + "/", with: "") }
        let wanted = try Fixtures.text(Self.folder + "/" + name.dropLast(4) + ".txt")
        #expect(lines == wanted.split(separator: "\n").map(String.init))
        #expect(found.contains { $0.severity == .error })
    }

    @Test("is not taken, and one with warnings is")
    func errorsCount() {
        let good =
            "hostname: a.test\nstate: s\nlisteners: [{name: a, address: \"127.0.0.1:0\", pipeline: p}]\n"
            + "relay: {domains: {a.test: \"smtp://127.0.0.1:1\"}}\npipelines: {p: []}\n"
        let reading = ServerConfiguration.read(good, file: "c.yml", directory: "/tmp")
        #expect(reading.configuration != nil)
        #expect(reading.diagnostics.map(\.severity) == [.warning])
        let bad = ServerConfiguration.read(good + "limits: {recipients: 0}\n", file: "c.yml", directory: "/tmp")
        #expect(bad.configuration == nil && bad.hasErrors)
    }

    @Test("never crashes the reader, whatever is cut off or put into it")
    func mutations() throws {
        let text = Array(try Fixtures.text(Self.folder + "/unknown-keys.yml").utf8)
        for end in stride(from: 0, to: text.count, by: 7) {
            let cut = String(decoding: text[..<end], as: UTF8.self)
            #expect(ServerConfiguration.read(cut, file: "c", directory: "/tmp").hasErrors)
            let marked = cut + "\u{0}[{&a *a: - ? |" + String(decoding: text[end...], as: UTF8.self)
            #expect(ServerConfiguration.read(marked, file: "c", directory: "/tmp").hasErrors)
        }
    }

    @Test("that is nested without end is an error too", arguments: ["[", "{a: ", "- ", "? "])
    func endless(_ opening: String) {
        let text = String(repeating: opening, count: 50_000)
        #expect(ServerConfiguration.read(text, file: "c", directory: "/tmp").hasErrors)
    }
}
