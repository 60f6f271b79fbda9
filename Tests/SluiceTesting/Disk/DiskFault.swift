// SPDX-License-Identifier: Apache-2.0

/// What a call of a disk can fail by.
package enum DiskFault: String, CaseIterable, Sendable {
    case inputOutput = "EIO"
    case noSpace = "ENOSPC"
    case readOnly = "EROFS"
    case noDescriptors = "EMFILE"

    /// The system's number (Linux).
    package var code: Int32 {
        switch self {
        case .inputOutput: 5
        case .noSpace: 28
        case .readOnly: 30
        case .noDescriptors: 24
        }
    }

    var meaning: String {
        switch self {
        case .inputOutput: "Input/output error"
        case .noSpace: "No space left"
        case .readOnly: "Read-only file system"
        case .noDescriptors: "Too many open files"
        }
    }

    /// The calls that can fail by it.
    package var calls: Set<String> {
        switch self {
        case .inputOutput:
            [
                "open", "fstat", "pread", "pwrite", "fdatasync", "ftruncate", "rename", "unlink", "mkdir", "fsync",
                "opendir", "readdir", "statvfs",
            ]
        case .noSpace: ["open to write", "pwrite", "fdatasync", "rename", "mkdir", "fsync"]
        case .readOnly: ["open to write", "pwrite", "ftruncate", "rename", "unlink", "mkdir"]
        case .noDescriptors: ["open", "opendir"]
        }
    }

    init?(code: Int32) {
        guard let fault = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = fault
    }
}
