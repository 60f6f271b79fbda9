// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore

/// The files that a configuration consists of: itself, and whatever it names that is a file (keys, certificates, users,
/// lists of recipients, a zone) or a folder of rules.
enum ConfigurationFiles {
    /// More files are no rules.
    private static let limit = 10_000
    /// Keys whose values are no files of the configuration's.
    private static let others: Set<String> = ["state", "address", "database_folder", "hostname"]

    /// - Parameter path: the configuration.
    /// - Returns: absolute paths; the configuration is the first.
    /// - Throws: where it can't be read, or names more files than a backup takes.
    static func of(_ path: String) throws -> [String] {
        let path = absolute(path, in: FileManager.default.currentDirectoryPath)
        let folder = (path as NSString).deletingLastPathComponent
        var found: [String] = [path]
        if let root = try YAMLReader.read(try TextFile.read(path), file: path) {
            try collect(root, key: "", folder, &found)
        }
        var seen: Set<String> = []
        return found.filter { seen.insert($0).inserted }
    }

    private static func collect(
        _ node: ConfigurationNode, key: String, _ folder: String, _ found: inout [String]
    ) throws {
        switch node.value {
        case .scalar(let text, _):
            guard !text.isEmpty, !text.utf8.contains(0), !others.contains(key) else { return }
            let path = absolute(text, in: folder)
            switch kind(path) {
            case .typeRegular?: found.append(path)
            case .typeDirectory? where key == "rules":
                guard let walk = FileManager.default.enumerator(atPath: path) else { return }
                for case let name as String in walk where kind(path + "/" + name) == .typeRegular {
                    found.append(path + "/" + name)
                }
            default: break
            }
            guard found.count <= limit else { throw BackupError(65, "\(path): more than \(limit) files") }
        case .list(let items): for item in items { try collect(item, key: key, folder, &found) }
        case .mapping(let entries):
            for entry in entries { try collect(entry.value, key: entry.key, folder, &found) }
        }
    }

    private static func absolute(_ path: String, in folder: String) -> String {
        URL(fileURLWithPath: path.hasPrefix("/") ? path : folder + "/" + path).standardized.path
    }

    /// What a path leads to, past symbolic links.
    private static func kind(_ path: String) -> FileAttributeType? {
        let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        // What isn't there is nothing.
        return (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
    }
}
