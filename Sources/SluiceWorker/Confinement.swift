// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import CLinux
import Glibc
import SluiceWorkerProtocol

/// What the worker takes from itself before it reads a stranger's octets.
enum Confinement {
    /// Numbers of Linux's interface that Swift's Glibc module does not show (`sys/resource.h`, `sys/prctl.h`).
    private enum Resource: Int32 {
        case processorTime = 0
        case fileSize = 1
        case core = 4
        case descriptors = 7
        case addressSpace = 9
    }
    private enum Option: Int32 {
        case parentDeathSignal = 1
        case dumpable = 4
        case noNewPrivileges = 38
    }

    /// - Throws: ``ConfinementError``: a worker that can't confine itself does not work.
    static func enter(_ setup: WorkerSetup) throws(ConfinementError) {
        if let user = setup.user { try become(user) }
        try limit(.addressSpace, setup.memoryLimit)
        try limit(.core, 0)
        try limit(.descriptors, 256)
        try limit(.fileSize, 1 << 30)
        // After the change of user, which resets both.
        try set(.parentDeathSignal, UInt(SIGKILL))
        try set(.dumpable, 0)
        try set(.noNewPrivileges, 1)
        umask(0o077)
    }

    /// Allows the processor that much time more; past it the system ends the process.
    static func allowProcessorTime(seconds: Int) throws(ConfinementError) {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { throw ConfinementError("getrusage") }
        let microseconds = Int(usage.ru_utime.tv_usec) + Int(usage.ru_stime.tv_usec)
        let used = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + microseconds / 1_000_000
        guard sluice_setrlimit(Resource.processorTime.rawValue, UInt(used + seconds), UInt.max) == 0 else {
            throw ConfinementError("setrlimit")
        }
    }

    private static func become(_ user: UInt32) throws(ConfinementError) {
        guard setgroups(0, nil) == 0 || errno == EPERM else { throw ConfinementError("setgroups") }
        // EINVAL: a user namespace in which that id does not exist, so that its root is nobody's root.
        guard setgid(user) == 0 || errno == EINVAL else { throw ConfinementError("setgid") }
        guard setuid(user) == 0 || errno == EINVAL else { throw ConfinementError("setuid") }
    }

    private static func limit(_ resource: Resource, _ value: Int) throws(ConfinementError) {
        guard sluice_setrlimit(resource.rawValue, UInt(value), UInt(value)) == 0 else {
            throw ConfinementError("setrlimit")
        }
    }

    private static func set(_ option: Option, _ argument: UInt) throws(ConfinementError) {
        guard sluice_prctl(option.rawValue, argument) == 0 else { throw ConfinementError("prctl") }
    }
}

struct ConfinementError: Error, CustomStringConvertible {
    let description: String
    init(_ call: String) { description = "\(call): \(String(cString: strerror(errno)))" }
}
