// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The names of segments: their number in sixteen hexadecimal digits, so that they sort as they follow each other.
enum SegmentName {
    private static let prefix = "segment-"

    static func of(_ number: UInt64) -> String { prefix + hexadecimal(number) }

    static func number(of name: String) -> UInt64? {
        guard name.hasPrefix(prefix), name.utf8.count == prefix.utf8.count + 16 else { return nil }
        return UInt64(name.dropFirst(prefix.utf8.count), radix: 16)
    }

    static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

extension SegmentWriter.Failure {
    var cause: StorageError {
        switch self {
        case .write(let error), .synchronize(let error): error
        }
    }
}

extension StorageError {
    /// The volume has less left than the queue keeps for the outcomes of deliveries.
    static func full(_ path: String) -> StorageError {
        StorageError(call: "statvfs", path: path, code: 28, meaning: "No space left on device")
    }
}
