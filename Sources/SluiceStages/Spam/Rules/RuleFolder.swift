// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Rule files on disk.
package enum RuleFolder {
    /// Reads the rule files that these paths name: a file, or a folder's `*.cf` in the order of their names.
    ///
    /// - Parameter report: is told of each path that can't be read, in words.
    package static func read(_ paths: [String], report: (_ path: String, _ message: String) -> Void) -> [RuleFile] {
        paths.flatMap { path -> [RuleFile] in
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
                report(path, "\(path): no such file or folder of rules")
                return []
            }
            do {
                guard isDirectory.boolValue else { return [try file(path)] }
                let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".cf") }
                if names.isEmpty { report(path, "\(path): a folder without rule files (*.cf)") }
                return try names.sorted().map { try file(path.hasSuffix("/") ? path + $0 : path + "/" + $0) }
            } catch {
                report(path, "\(path): can't be read: \(error.localizedDescription)")
                return []
            }
        }
    }

    private static func file(_ path: String) throws -> RuleFile {
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        // What is too long is refused by its length, not read first.
        guard size <= RuleFile.lengthLimit else {
            return RuleFile(reading: repeatElement(0x0A, count: RuleFile.lengthLimit + 1), file: path)
        }
        return RuleFile(reading: [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))), file: path)
    }
}
