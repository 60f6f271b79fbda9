// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
package import SluiceCore
package import SluiceQueue

/// Writes what can be salvaged into files: `ID.eml` with the content as it was received, `ID.json` with the rest.
package enum SalvageExport {
    /// - Parameter folder: is made where it is missing. A file that is there already is an error, and stays.
    /// - Returns: what was written.
    package static func write(
        _ messages: [SalvagedMessage], into folder: String
    ) throws -> [JSONValue] {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var written: [JSONValue] = []
        for message in messages {
            // The id may be damaged itself, and must not lead out of the folder.
            let isName = !message.messageID.isEmpty && message.messageID.utf8.allSatisfy(\.isASCIIAlphanumeric)
            let name = folder + "/" + (isName ? message.messageID : "message-\(message.number)")
            var value = message.json
            if let record = message.record, case .object(var members) = value {
                let octets = try JSONEncoder().encode(record)
                members.append(.init("decision", try JSONReader.read(octets)))
                value = .object(members)
            }
            try create(name + ".json", [Data((value.written + "\n").utf8)])
            if let content = message.content {
                let file = try create(name + ".eml", [])
                try content.forEachChunk(of: 256 << 10) { try file.write(contentsOf: Data($0.readableBytesView)) }
                try file.close()
            }
            written.append(value)
        }
        return written
    }

    @discardableResult
    private static func create(_ path: String, _ parts: [Data]) throws -> FileHandle {
        guard !FileManager.default.fileExists(atPath: path),
            FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: path)
        else { throw SalvageExportError(path: path) }
        for part in parts { try file.write(contentsOf: part) }
        return file
    }
}

/// A file that is there already, or can't be made.
package struct SalvageExportError: Error, CustomStringConvertible {
    let path: String
    package var description: String { "\(path): is there already or can't be made, an empty folder would be right" }
}
