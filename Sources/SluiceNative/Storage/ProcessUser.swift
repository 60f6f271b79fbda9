// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SluiceCore

/// A user of the machine, for whom a process acts and to whom files belong.
package struct ProcessUser: Hashable, Sendable, CustomStringConvertible {
    package let user: UInt32
    package let group: UInt32

    package init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }

    /// For whom this process acts.
    package static var current: ProcessUser { ProcessUser(user: geteuid(), group: getegid()) }

    /// To whom a file or folder belongs.
    package static func owner(of path: String) throws(StorageError) -> ProcessUser {
        var status = stat()
        try posix("stat", path) { stat(path, &status) }
        return ProcessUser(user: status.st_uid, group: status.st_gid)
    }

    package var isRoot: Bool { user == 0 }

    /// Acts for this user from now on, in all threads: what root then writes belongs to whom it should.
    ///
    /// - Throws: where the process may not.
    package func assume() throws(StorageError) {
        try posix("setegid", description) { setegid(group) }
        try posix("seteuid", description) { seteuid(user) }
    }

    /// The login's name, else its number.
    package var description: String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name
        else { return "user \(user)" }
        return String(cString: name)
    }
}
