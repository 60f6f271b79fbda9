// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Debian's miltertest as the MTA, with scripts of ours (`fixtures/miltertest`).
package enum Miltertest {
    private static let program = "/usr/bin/miltertest"

    package static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../fixtures/miltertest").standardizedFileURL

    /// The scripts of a folder: `""` for those that any listener can be run with, `door/` for those that need one of
    /// Sluice's.
    package static func scripts(_ subfolder: String = "") -> [String] {
        let path = folder.appending(path: subfolder).path
        let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []  // no script fails a test
        return files.filter { $0.hasSuffix(".lua") && $0 != "prelude.lua" }.sorted().map { subfolder + $0 }
    }

    /// Runs a script.
    ///
    /// - Parameters:
    ///   - socket: as miltertest writes it: `unix:/path` or `inet:port@host`.
    ///   - values: what the script finds in variables.
    /// - Returns: the exit status, 0 where it found what it expects, and what it said.
    package static func run(
        _ name: String, socket: String, values: [String: String] = [:]
    ) async throws -> (status: Int32, text: String) {
        let script = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).lua")
        var source = try Data(contentsOf: folder.appending(path: "prelude.lua"))
        source.append(try Data(contentsOf: folder.appending(path: name)))
        try source.write(to: script)
        defer { try? FileManager.default.removeItem(at: script) }  // a temporary file
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments =
            ["-D", "socket=\(socket)"] + values.flatMap { ["-D", "\($0.key)=\($0.value)"] } + ["-s", script.path]
        let words = script.appendingPathExtension("output")
        try Data().write(to: words)
        defer { try? FileManager.default.removeItem(at: words) }  // a temporary file
        let output = try FileHandle(forWritingTo: words)
        process.standardOutput = output
        process.standardError = output
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        return (status, String(decoding: try Data(contentsOf: words), as: UTF8.self))
    }
}
