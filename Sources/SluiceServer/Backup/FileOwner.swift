// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceNative

/// To whom files belong that root writes for somebody else.
enum FileOwner {
    /// Gives files to a user; does nothing where this process is that user, or may not.
    static func give(_ paths: [String], to owner: ProcessUser) throws {
        let process = ProcessUser.current
        guard process.isRoot, process.user != owner.user else { return }
        for path in paths {
            try FileManager.default.setAttributes(
                [.ownerAccountID: NSNumber(value: owner.user), .groupOwnerAccountID: NSNumber(value: owner.group)],
                ofItemAtPath: path)
        }
    }

    /// Names of owner and group, and the mode of a file.
    static func origin(of path: String) throws -> BackupManifest.Origin {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try FileManager.default.attributesOfItem(atPath: real)
        return BackupManifest.Origin(
            path: path, mode: (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0o600,
            owner: attributes[.ownerAccountName] as? String ?? "",
            group: attributes[.groupOwnerAccountName] as? String ?? "")
    }

    /// Gives a file the mode that it had, and, where this is root and they are known here, owner and group.
    ///
    /// - Returns: whether it belongs to whom it did.
    static func restore(_ origin: BackupManifest.Origin, on path: String) throws -> Bool {
        try FileManager.default.setAttributes([.posixPermissions: origin.mode], ofItemAtPath: path)
        let now = try Self.origin(of: path)
        if now.owner == origin.owner && now.group == origin.group { return true }
        guard ProcessUser.current.isRoot, !origin.owner.isEmpty, !origin.group.isEmpty else { return false }
        // Where one of the two is not known on this machine, it stays root's.
        try? FileManager.default.setAttributes(
            [.ownerAccountName: origin.owner, .groupOwnerAccountName: origin.group], ofItemAtPath: path)
        let then = try Self.origin(of: path)
        return then.owner == origin.owner && then.group == origin.group
    }
}
