// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The version of the history's lines, in a file beside them.
enum HistoryFormat {
    static let version = 1

    private static func path(_ directory: String) -> String { directory + "/format" }

    /// - Throws: ``HistoryError`` where a later version wrote the folder.
    static func check(_ directory: String) throws {
        guard let octets = FileManager.default.contents(atPath: path(directory)) else { return }
        let text = String(decoding: octets.prefix(20), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let found = Int(text), found != version else { return }  // what is no number was not written by any
        throw HistoryError(
            message:
                "\(directory) has the format \(found), this version of Sluice writes \(version)",
            isOtherVersion: true)
    }

    /// Says that this version wrote the folder.
    static func note(_ directory: String) throws {
        guard !FileManager.default.fileExists(atPath: path(directory)) else { return }
        guard
            FileManager.default.createFile(
                atPath: path(directory), contents: Data("\(version)\n".utf8), attributes: [.posixPermissions: 0o600])
        else { throw HistoryError(message: "\(path(directory)): can't be made") }
    }
}
