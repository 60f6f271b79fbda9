// SPDX-License-Identifier: Apache-2.0
import SluiceWorkerProtocol

/// What keeps a scanner process that was taken over by what it read from doing harm, as the process itself found it.
package struct ScannerConfinement: Hashable, Sendable, CustomStringConvertible {
    /// The user id that it runs under.
    package var user: UInt32
    package var isWithoutCapabilities: Bool
    /// How many system calls its filter lets through; `nil` where the kernel takes none.
    package var systemCalls: Int?
    /// The version of Landlock by which it sees its own folders alone; `nil` where the kernel has none.
    package var landlock: Int?

    init(_ confinement: WorkerConfinement) {
        user = confinement.user
        isWithoutCapabilities = confinement.isWithoutCapabilities
        systemCalls = confinement.systemCalls
        landlock = confinement.landlock
    }

    /// What the kernel does not have, in words.
    package var missing: [String] {
        (systemCalls == nil ? ["seccomp"] : []) + (landlock == nil ? ["landlock"] : [])
    }

    package var description: String {
        let calls =
            systemCalls.map { "\($0) system calls and no more" } ?? "any system call (the kernel has no seccomp)"
        let files =
            landlock.map { "no file but the databases and its own folder (landlock \($0))" }
            ?? "any file that this user may open (the kernel has no landlock)"
        let capabilities = isWithoutCapabilities ? "no capabilities" : "capabilities"
        return "user \(user), \(capabilities), no new privileges, \(calls), \(files)"
    }
}
