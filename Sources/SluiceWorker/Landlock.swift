// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import CLinux
import Glibc

/// Which files the worker can reach (Landlock, Linux 5.13).
enum Landlock {
    /// Numbers of `linux/landlock.h`; those of later versions are not in every header.
    private enum Right {
        static let writeFile: UInt64 = 1 << 1
        static let readFile: UInt64 = 1 << 2
        static let readFolder: UInt64 = 1 << 3
        static let removeFolder: UInt64 = 1 << 4
        static let removeFile: UInt64 = 1 << 5
        static let makeFolder: UInt64 = 1 << 7
        static let makeFile: UInt64 = 1 << 8
        /// From version 2 on: rename into another folder. Before, nobody may.
        static let refer: UInt64 = 1 << 13
        /// From version 3 on.
        static let truncate: UInt64 = 1 << 14

        static let reading = readFile | readFolder
        static let writing =
            reading | writeFile | removeFolder | removeFile | makeFolder | makeFile | refer | truncate
    }

    private static let askVersion = 1
    /// `O_PATH`, which comes with _GNU_SOURCE.
    private static let pathOnly: Int32 = 0x20_0000
    private static let pathBeneath = 1
    /// `prctl(PR_SET_NO_NEW_PRIVS)` has to come before; nobody unprivileged may restrict himself without.
    private static let codesOfKernelsWithout: Set<Int32> = [ENOSYS, EOPNOTSUPP]

    /// Leaves the process nothing but those folders. A folder that is not there stays out of reach.
    ///
    /// - Returns: the version of the interface; `nil` where the kernel has none.
    static func restrict(reading: [String], writing: String) throws(ConfinementError) -> Int? {
        let version = sluice_system_call(Int(__NR_landlock_create_ruleset), 0, 0, askVersion, 0, 0, 0)
        guard version > 0 else {
            guard codesOfKernelsWithout.contains(errno) else { throw ConfinementError("landlock_create_ruleset") }
            return nil
        }
        let handled = handledRights(version)
        let ruleset = withUnsafeBytes(of: attributes(version, handled)) { attributes in
            sluice_system_call(
                Int(__NR_landlock_create_ruleset), Int(bitPattern: attributes.baseAddress), attributesSize(version), 0,
                0, 0, 0)
        }
        guard ruleset >= 0 else { throw ConfinementError("landlock_create_ruleset") }
        defer { close(Int32(ruleset)) }
        for folder in reading { try allow(folder, Right.reading, in: ruleset) }
        try allow(writing, Right.writing & handled, in: ruleset)
        guard sluice_system_call(Int(__NR_landlock_restrict_self), ruleset, 0, 0, 0, 0, 0) == 0 else {
            throw ConfinementError("landlock_restrict_self")
        }
        return version
    }

    /// All that the version knows: what is not named in a rule is then forbidden.
    private static func handledRights(_ version: Int) -> UInt64 {
        switch version {
        case 1: (1 << 13) - 1
        case 2: (1 << 14) - 1
        case 3, 4: (1 << 15) - 1
        default: (1 << 16) - 1
        }
    }

    /// `struct landlock_ruleset_attr`: files; from version 4 on TCP (bind, connect); from 6 on abstract sockets and
    /// signals of others.
    private static func attributes(_ version: Int, _ handled: UInt64) -> (UInt64, UInt64, UInt64) {
        (handled, version >= 4 ? 3 : 0, version >= 6 ? 3 : 0)
    }

    private static func attributesSize(_ version: Int) -> Int {
        switch version {
        case 1...3: 8
        case 4, 5: 16
        default: 24
        }
    }

    private static func allow(_ folder: String, _ rights: UInt64, in ruleset: Int) throws(ConfinementError) {
        let descriptor = open(folder, pathOnly | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // `struct landlock_path_beneath_attr` is packed: the rights, then the descriptor.
        var rule = withUnsafeBytes(of: rights) { Array($0) }
        rule += withUnsafeBytes(of: descriptor) { Array($0) }
        let code = rule.withUnsafeBytes { rule in
            sluice_system_call(
                Int(__NR_landlock_add_rule), ruleset, pathBeneath, Int(bitPattern: rule.baseAddress), 0, 0, 0)
        }
        guard code == 0 else { throw ConfinementError("landlock_add_rule") }
    }
}
