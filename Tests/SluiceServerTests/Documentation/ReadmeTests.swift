// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import SluiceNative
import Testing

@testable import SluiceServer

/// What the README tells people to do has to work.
@Suite("README.md") struct ReadmeTests {
    private static let readme = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "README.md")
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// The blocks of YAML.
    private static func configurations() throws -> [String] {
        try String(contentsOf: readme, encoding: .utf8).components(separatedBy: "```yaml\n").dropFirst()
            .map { $0.components(separatedBy: "```")[0] }
    }

    /// The commands of the indented blocks, as words, without the remarks.
    private static func commands() throws -> [[String]] {
        try String(contentsOf: readme, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("    sluice ") }
            .map { line in
                line.prefix { $0 != "#" }.split(separator: " ").dropFirst().map(String.init)
            }
    }

    /// Makes what the configurations refer to: certificates, a signing key, a file of logins.
    private func makeFiles(in folder: URL) throws {
        for name in ["mx", "out"] {
            let made = try runProgram(
                "/usr/bin/env",
                [
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", "\(name).key", "-out", "\(name).pem", "-days", "2", "-subj", "/CN=\(name).example.org",
                ], in: folder)
            try #require(made.status == 0, "\(made.text)")
        }
        let login = "anna:\(try SCRAMVerifier(password: "secret", iterations: 4096).written)\n"
        for (name, octets) in [
            ("s1.pem", try DKIMKey.generate(.ed25519SHA256).pem), ("users.txt", Array(login.utf8)),
        ] {
            try Data(octets).write(to: folder.appending(path: name))
        }
        for name in ["mx.key", "out.key", "s1.pem", "users.txt"] {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: folder.appending(path: name).path(percentEncoded: false))
        }
    }

    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-readme-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch { Issue.record("\(folder) stays: \(error)") }
        }
        try await body(folder)
    }

    @Test("shows three configurations of at most 20 lines, and check finds no error in them")
    func configurations() async throws {
        let configurations = try Self.configurations()
        try #require(configurations.count == 3)
        try await withFolder { folder in
            try makeFiles(in: folder)
            for text in configurations {
                #expect(text.split(separator: "\n").count <= 20)
                let state = folder.appending(path: "state").path(percentEncoded: false)
                let reading = ServerConfiguration.read(
                    text.replacingOccurrences(of: "/var/lib/sluice", with: state), file: "sluice.yml",
                    directory: folder.path(percentEncoded: false))
                let errors = reading.diagnostics.filter { $0.severity == .error }
                #expect(errors.isEmpty, "\(errors)")
                let configuration = try #require(reading.configuration)
                #expect(await ServerCheck.problems(configuration, logger: Self.logger) == [])
            }
        }
    }

    @Test("names commands and options that are there")
    func commands() throws {
        let commands = try Self.commands()
        #expect(commands.count >= 10)
        for words in commands {
            var path = [words[0]]
            var help = try CommandHelp(path)
            if words.count > 1, help.subcommands.contains(words[1]) {
                path.append(words[1])
                help = try CommandHelp(path)
            }
            #expect(help.text.contains("USAGE: sluice \(path.joined(separator: " "))"), "\(help.text)")
            for option in words where option.hasPrefix("--") {
                #expect(help.text.contains(option), "sluice \(path.joined(separator: " ")) has no \(option)")
            }
        }
    }

    @Test("links to pages that are there")
    func links() throws {
        let root = Self.readme.deletingLastPathComponent()
        let pages = try FileManager.default.subpathsOfDirectory(atPath: root.path(percentEncoded: false) + "docs")
            .filter { $0.hasSuffix(".md") }.map { "docs/" + $0 }
        for page in pages + ["README.md", "SECURITY.md", "CHANGELOG.md"] {
            let file = root.appending(path: page)
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /\]\(([^)#]+)(#[^)]*)?\)/) where !match.1.hasPrefix("http") {
                let target = file.deletingLastPathComponent().appending(path: String(match.1))
                #expect(
                    FileManager.default.fileExists(atPath: target.path(percentEncoded: false)),
                    "\(page) links to \(match.1), which isn't there")
            }
        }
    }
}
