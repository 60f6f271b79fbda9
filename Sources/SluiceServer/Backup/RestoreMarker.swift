// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative

/// The file that stands in a state directory while it is restored: neither a server nor a command uses it meanwhile.
enum RestoreMarker {
    static let name = "restoring"

    private static func path(_ state: String) -> String { state + "/" + name }

    static func isSet(_ state: String) -> Bool { FileStorage().exists(path(state)) }

    static func refusal(_ state: String) -> String {
        "\(state) is only partly restored: sluice restore once more would be right"
    }

    /// Durable when it returns.
    static func set(_ state: String, from backup: String) throws {
        let storage = FileStorage()
        let file = try storage.open(path(state), storage.exists(path(state)) ? .write : .create)
        try file.write(ByteBuffer(string: backup + "\n"), at: 0)
        try file.synchronize()
        try storage.synchronizeDirectory(state)
    }

    /// Durable when it returns: from then on the directory is used.
    static func remove(_ state: String) throws {
        try FileStorage().remove(path(state))
        try FileStorage().synchronizeDirectory(state)
    }
}
