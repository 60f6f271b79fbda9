// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// A program that the drill runs beside itself.
final class DrillProcess: Sendable {
    private let id: Int32
    private let process: Process
    private let log: String

    /// - Parameter log: the file that gets what it writes.
    init(_ program: String, _ arguments: [String], log: String) throws {
        process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        guard FileManager.default.createFile(atPath: log, contents: nil), let file = FileHandle(forWritingAtPath: log)
        else { throw ServerError(message: "\(log): can't be written") }
        process.standardOutput = file
        process.standardError = file
        process.standardInput = FileHandle.nullDevice
        self.log = log
        do { try process.run() } catch { throw ServerError(message: "\(program): \(error.localizedDescription)") }
        id = process.processIdentifier
    }

    /// The root of its files, with its own file systems.
    var root: String { "/proc/\(id)/root" }
    var isRunning: Bool { process.isRunning }

    /// The last line that it wrote.
    var lastWords: String {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").last.map(String.init) ?? "it said nothing"
    }

    /// SIGTERM; SIGKILL after five seconds.
    func end() async {
        kill(id, SIGTERM)
        for attempt in 0..<600 where process.isRunning {
            if attempt == 500 { kill(id, SIGKILL) }
            // Cancelled too: it has to end all the same.
            do { try await Task.sleep(for: .milliseconds(10)) } catch { usleep(10_000) }
        }
    }
}
