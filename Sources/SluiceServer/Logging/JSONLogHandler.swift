// SPDX-License-Identifier: Apache-2.0
package import Logging
import SluiceCore

/// Writes a JSON line for each message: time, level, message, then what varies.
package struct JSONLogHandler: LogHandler {
    package var logLevel = Logger.Level.info
    package var metadata: Logger.Metadata = [:]
    private let output: LogOutput

    package init(_ output: LogOutput) { self.output = output }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        output.write(line(event.level, event.message, event.metadata ?? [:], at: SystemTime().now))
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
