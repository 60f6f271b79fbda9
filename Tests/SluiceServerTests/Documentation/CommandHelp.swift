// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceNative
import Testing

/// Runs a program to its end; its output and its errors are one text.
func runProgram(_ program: String, _ arguments: [String], in folder: URL) throws -> (status: Int32, text: String) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
}

/// What `--help` of a command of `sluice` says.
struct CommandHelp {
    let text: String

    /// - Parameter path: the words of the command, such as `queue list`.
    init(_ path: [String]) throws {
        let worker = URL(filePath: try #require(WorkerPool.findExecutable(), "the programs are not beside the tests"))
        let program = worker.deletingLastPathComponent().appending(path: "sluice").path(percentEncoded: false)
        let help = try runProgram(program, path + ["--help"], in: FileManager.default.temporaryDirectory)
        try #require(help.status == 0, "sluice \(path.joined(separator: " ")) --help: \(help.text)")
        text = help.text
    }

    /// The names under "SUBCOMMANDS:", without those that say that they aren't there yet.
    var subcommands: [String] {
        guard let start = text.range(of: "SUBCOMMANDS:\n") else { return [] }
        return text[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { !$0.isEmpty }
            .compactMap { line in
                // What stands further in is the rest of a sentence.
                line.hasPrefix("  ") && !line.hasPrefix("   ") && !line.contains("not there yet")
                    ? line.split(separator: " ").first.map(String.init) : nil
            }
    }
}
