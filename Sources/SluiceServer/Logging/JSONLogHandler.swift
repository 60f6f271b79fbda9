// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Logging
import SluiceCore

/// Writes a JSON line to stderr for each message: time, level, message, then what varies.
package struct JSONLogHandler: LogHandler {
    package var logLevel = Logger.Level.info
    package var metadata: Logger.Metadata = [:]
    private let label: String

    package init(label: String) { self.label = label }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let line = line(event.level, event.message, event.metadata ?? [:], at: SystemTime().now)
        // One write a line: lines of several threads don't mix.
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// The line for a message, without its end.
    func line(
        _ level: Logger.Level, _ message: Logger.Message, _ more: Logger.Metadata, at time: Timestamp
    ) -> String {
        var members: [JSONValue.Member] = [
            .init("time", .string(time.rfc3339)), .init("level", .string(level.rawValue)),
            .init("message", .string(message.description)),
        ]
        let merged = metadata.merging(more) { $1 }
        if let id = merged["id"] { members.append(.init("id", .string(id.description))) }
        for (key, value) in merged.sorted(by: { $0.key < $1.key }) where key != "id" {
            members.append(.init(key, .string(value.description)))
        }
        return JSONValue.object(members).written
    }
}
