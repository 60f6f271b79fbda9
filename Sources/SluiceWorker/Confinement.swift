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
        case dropFromBoundingSet = 24
        case noNewPrivileges = 38
        case ambientCapabilities = 47
    }

    /// - Throws: ``ConfinementError``: a worker that can't confine itself does not work.
    static func enter(_ setup: WorkerSetup) throws(ConfinementError) {
        clearBoundingSet()
        if let user = setup.user { try become(user) }
        try Capabilities.dropAll()
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

    /// Takes from the worker what it does not need any more once libclamav and the loader have begun: files but its own
    /// folder and the databases, and all system calls but those of a scan. Its only thread calls this.
    static func seal(_ setup: WorkerSetup) throws(ConfinementError) -> WorkerConfinement {
        let landlock = try Landlock.restrict(
            reading: [setup.embeddedDatabase] + (setup.officialDatabase.map { [$0] } ?? []),
            writing: setup.temporaryDirectory)
        let systemCalls = try SystemCallFilter.install() ? SystemCallFilter.allowed.count : nil
        return WorkerConfinement(
            user: geteuid(), isWithoutCapabilities: true, systemCalls: systemCalls, landlock: landlock)
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

    /// What no program that the worker might run could get. Only who may set capabilities can do it; without
    /// it the set means nothing, as no new privileges come by any program.
    private static func clearBoundingSet() {
        var capability: UInt = 0
        while sluice_prctl(Option.dropFromBoundingSet.rawValue, capability) == 0 { capability += 1 }
        let clearAll: UInt = 4
        // EINVAL on a kernel before 4.3, which has none.
        _ = sluice_prctl(Option.ambientCapabilities.rawValue, clearAll)
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
