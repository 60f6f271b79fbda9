// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A temporary folder that looks like a history's: links to its files, and a copy of its index. It goes with the object.
final class ScratchFolder: Sendable {
    let path: String

    init(of directory: String) throws {
        let files = FileManager.default
        path = NSTemporaryDirectory() + "/sluice-history-" + UUID().uuidString
        try files.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard files.fileExists(atPath: directory) else { return }
        let source = URL(fileURLWithPath: directory).path
        for number in try HistoryFiles.numbers(in: source) {
            try files.createSymbolicLink(
                atPath: HistoryFiles.path(path, number), withDestinationPath: HistoryFiles.path(source, number))
        }
        // With what SQLite has not brought into it yet. A copy that fails is an index that is made anew.
        for name in ["index.sqlite", "index.sqlite-wal"] where files.fileExists(atPath: source + "/" + name) {
            try? files.copyItem(atPath: source + "/" + name, toPath: path + "/" + name)
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)  // the system clears it else
    }
}
