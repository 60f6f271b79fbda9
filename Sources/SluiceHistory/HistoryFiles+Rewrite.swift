// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore

extension HistoryFiles {
    private static let newSuffix = ".new"

    /// Writes a file anew with only some of its lines, and puts it in the place of the old one in one step.
    ///
    /// - Returns: where the lines that stay stand now, in order.
    func rewrite(_ file: Ended, keeping isKept: (Data) -> Bool) throws -> [HistoryPlace] {
        let newPath = file.path + Self.newSuffix
        if FileManager.default.fileExists(atPath: newPath) { try FileManager.default.removeItem(atPath: newPath) }
        guard
            FileManager.default.createFile(atPath: newPath, contents: nil, attributes: [.posixPermissions: 0o600]),
            let writing = FileHandle(forWritingAtPath: newPath)
        else { throw HistoryError(message: "\(newPath): can't be made") }
        var kept: [HistoryPlace] = []
        var block = Data()
        var offset: Int64 = 0
        do {
            defer { try? writing.close() }  // synced before; what a close could say is known by then
            try forEachLine(of: file.number) { line, _ in
                guard isKept(line) else { return }
                kept.append(HistoryPlace(file: file.number, offset: offset, length: Int64(line.count)))
                offset += Int64(line.count) + 1
                block.append(line)
                block.append(0x0A)
                if block.count >= 1 << 20 {
                    try writing.write(contentsOf: block)
                    block.removeAll(keepingCapacity: true)
                }
            }
            try writing.write(contentsOf: block)
            try writing.synchronize()
        } catch {
            try? FileManager.default.removeItem(atPath: newPath)  // the next start removes it
            throw error
        }
        // Its age is that of its last line.
        let modified = Date(timeIntervalSince1970: Double(file.modified.milliseconds) / 1000)
        try FileManager.default.setAttributes([.modificationDate: modified], ofItemAtPath: newPath)
        guard rename(newPath, file.path) == 0 else {
            throw HistoryError(message: "\(newPath): can't be put in place: \(String(cString: strerror(errno)))")
        }
        if let folder = FileHandle(forReadingAtPath: directory) {
            try folder.synchronize()
            try folder.close()
        }
        return kept
    }

    /// Removes what a rewrite that was killed has left.
    func removeUnfinished() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) where name.hasSuffix(Self.newSuffix)
        {
            try FileManager.default.removeItem(atPath: directory + "/" + name)
        }
    }
}
