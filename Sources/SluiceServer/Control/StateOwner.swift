// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative

/// A state directory belongs to one user, who alone writes to it: files of another one would keep the server from
/// starting the next time.
enum StateOwner {
    /// The directory belongs to somebody else.
    struct Foreign: Error, CustomStringConvertible {
        let directory: String
        let owner: ProcessUser
        let process: ProcessUser

        var description: String {
            "the state directory \(directory) belongs to \(owner), and this is \(process): \(owner) would be right, or a directory of \(process)'s own"
        }
    }

    /// - Throws: ``Foreign``, `StorageError`.
    static func check(_ directory: String) throws {
        let (owner, process) = (try ProcessUser.owner(of: directory), ProcessUser.current)
        if owner.user != process.user { throw Foreign(directory: directory, owner: owner, process: process) }
    }

    /// Makes root act for the owner, so that what a command writes belongs to whom it should.
    ///
    /// - Throws: ``Foreign`` where the process is neither, `StorageError`.
    static func assume(_ directory: String) throws {
        let (owner, process) = (try ProcessUser.owner(of: directory), ProcessUser.current)
        if owner.user == process.user { return }
        guard process.isRoot else { throw Foreign(directory: directory, owner: owner, process: process) }
        try owner.assume()
    }
}
