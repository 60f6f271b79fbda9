// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// A file of the state directory that belongs into a backup.
struct BackupSource: Hashable, Sendable {
    /// Its path in the state directory.
    var path: String
    /// The octets of it that count; `nil` is all.
    var length: Int64?
    /// Whether nothing is written to it any more, so that a second link to it is as good as a copy.
    var isEnded: Bool

    var json: JSONValue {
        [
            "path": .string(path), "length": length.map { .integer($0) } ?? .null, "ended": .bool(isEnded),
        ]
    }

    init(path: String, length: Int64? = nil, isEnded: Bool) {
        self.path = path
        self.length = length
        self.isEnded = isEnded
    }

    init?(_ value: JSONValue) {
        guard let path = value["path"]?.stringValue, let isEnded = value["ended"]?.boolValue else { return nil }
        self.init(path: path, length: value["length"]?.integerValue, isEnded: isEnded)
    }
}
