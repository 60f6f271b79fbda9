// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import CLinux
import Glibc

/// Which system calls the worker can make (seccomp, a program of classic BPF): those of reading, unpacking and memory.
/// All others fail with EPERM: no socket, no program, no other process, no new executable memory.
enum SystemCallFilter {
    /// Allowed whatever their arguments are.
    static let unconditional: [Int32] =
        [
            // Descriptors. What can be opened is Landlock's matter.
            __NR_read, __NR_write, __NR_readv, __NR_writev, __NR_pread64, __NR_pwrite64, __NR_lseek, __NR_close,
            __NR_openat, __NR_fstat, __NR_newfstatat, __NR_statx, __NR_fstatfs, __NR_statfs, __NR_fcntl, __NR_dup,
            __NR_dup3, __NR_flock, __NR_fsync, __NR_fdatasync, __NR_fadvise64, __NR_ftruncate, __NR_truncate,
            // Names.
            __NR_getdents64, __NR_faccessat, __NR_faccessat2, __NR_readlinkat, __NR_mkdirat, __NR_unlinkat,
            __NR_renameat, __NR_renameat2, __NR_fchmod, __NR_fchmodat, __NR_getcwd, __NR_umask,
            // The socket to the relay, which it has.
            __NR_sendmsg, __NR_recvmsg, __NR_ppoll,
            // Memory.
            __NR_brk, __NR_munmap, __NR_mremap, __NR_madvise,
            // Threads of its own, and signals to them.
            __NR_futex, __NR_set_robust_list, __NR_rseq, __NR_sched_yield, __NR_sched_getaffinity, __NR_gettid,
            __NR_exit, __NR_exit_group, __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_sigaltstack,
            __NR_restart_syscall,
            // Time and figures.
            __NR_clock_gettime, __NR_clock_getres, __NR_clock_nanosleep, __NR_nanosleep, __NR_gettimeofday,
            __NR_times, __NR_getrusage, __NR_getrandom, __NR_uname, __NR_sysinfo, __NR_getpid, __NR_getppid,
            __NR_getuid, __NR_geteuid, __NR_getgid, __NR_getegid,
        ] + older

    #if arch(x86_64)
        /// What other architectures never had.
        private static let older: [Int32] = [
            __NR_open, __NR_stat, __NR_lstat, __NR_access, __NR_readlink, __NR_mkdir, __NR_rmdir, __NR_unlink,
            __NR_rename, __NR_chmod, __NR_getdents, __NR_poll, __NR_dup2, __NR_time,
        ]
        /// `AUDIT_ARCH_…` of `linux/audit.h`.
        private static let architecture: UInt32 = 0xC000_003E
    #else
        private static let older: [Int32] = []
        private static let architecture: UInt32 = 0xC000_00B7
    #endif

    /// What an argument has to be for a call to be allowed.
    private enum Condition {
        /// Equal to the number.
        case equals(UInt32)
        /// With all of these bits.
        case has(UInt32)
        /// Without any of these bits.
        case hasNot(UInt32)
    }

    /// Allowed with one argument only as it says; the place of the argument counts from 0.
    private static var conditional: [(call: Int32, argument: UInt32, condition: Condition)] {
        let threadFlag: UInt32 = 0x10000
        let executable = UInt32(PROT_EXEC)
        return [
            (__NR_clone, 0, .has(threadFlag)), (__NR_mmap, 2, .hasNot(executable)),
            (__NR_mprotect, 2, .hasNot(executable)),
            // Its own limits, its own threads.
            (__NR_prlimit64, 0, .equals(0)), (__NR_tgkill, 0, .equals(UInt32(bitPattern: getpid()))),
        ]
    }

    /// All that are let through, with or without a condition.
    static var allowed: [Int32] { unconditional + conditional.map(\.call) }

    private static let synchronizeThreads = 1
    private static let setModeFilter = 1

    /// - Returns: `false` where the kernel takes no filter.
    static func install() throws(ConfinementError) -> Bool {
        var program = program
        let code = program.withUnsafeMutableBufferPointer { filter in
            var whole = sock_fprog(len: UInt16(filter.count), filter: filter.baseAddress)
            return withUnsafeMutablePointer(to: &whole) { whole in
                sluice_system_call(
                    Int(__NR_seccomp), setModeFilter, synchronizeThreads, Int(bitPattern: whole), 0, 0, 0)
            }
        }
        if code == 0 { return true }
        // EINVAL: built without filters.
        if errno == ENOSYS || errno == EINVAL { return false }
        throw ConfinementError("seccomp")
    }

    // MARK: The program

    /// Operations of classic BPF on `struct seccomp_data`, from `linux/bpf_common.h`.
    private enum Operation {
        static let loadWord: UInt16 = 0x20
        static let jumpIfEqual: UInt16 = 0x15
        static let jumpIfAnySet: UInt16 = 0x45
        static let and: UInt16 = 0x54
        static let answer: UInt16 = 0x06
    }
    private static let allow: UInt32 = 0x7FFF_0000
    private static let killProcess: UInt32 = 0x8000_0000
    private static let refuse: UInt32 = 0x0005_0000 | UInt32(EPERM)
    /// glibc then tries `clone`, whose flags can be looked at.
    private static let unknown: UInt32 = 0x0005_0000 | UInt32(ENOSYS)

    private static var program: [sock_filter] {
        // Offsets in `struct seccomp_data`: the number, the architecture, then six arguments of 8 octets.
        var program = [
            step(Operation.loadWord, 4), step(Operation.jumpIfEqual, architecture, 1, 0),
            step(Operation.answer, killProcess), step(Operation.loadWord, 0),
            step(Operation.jumpIfEqual, UInt32(__NR_clone3), 0, 1), step(Operation.answer, unknown),
        ]
        for (call, argument, condition) in conditional {
            let tests = self.tests(condition)
            program += [step(Operation.jumpIfEqual, UInt32(call), 0, UInt8(tests.count + 3))]
            program += [step(Operation.loadWord, 16 + 8 * argument)] + tests
            program += [step(Operation.answer, allow), step(Operation.answer, refuse)]
        }
        for call in unconditional {
            program += [step(Operation.jumpIfEqual, UInt32(call), 0, 1), step(Operation.answer, allow)]
        }
        return program + [step(Operation.answer, refuse)]
    }

    /// Goes on where the condition holds, else over the next step. The flags and ids tested are all of 32 bits.
    private static func tests(_ condition: Condition) -> [sock_filter] {
        switch condition {
        case .equals(let number): [step(Operation.jumpIfEqual, number, 0, 1)]
        case .has(let bits): [step(Operation.and, bits), step(Operation.jumpIfEqual, bits, 0, 1)]
        case .hasNot(let bits): [step(Operation.jumpIfAnySet, bits, 1, 0)]
        }
    }

    private static func step(
        _ operation: UInt16, _ value: UInt32, _ ifTrue: UInt8 = 0, _ ifFalse: UInt8 = 0
    ) -> sock_filter { sock_filter(code: operation, jt: ifTrue, jf: ifFalse, k: value) }
}
