// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import CLinux
import Glibc
import SluiceWorkerProtocol

/// Tries what a worker that was taken over would try, by bare system calls, and says what came of each. Its confinement
/// is shown by this, not by what was asked of the kernel.
enum ForbiddenActs {
    static func attempt(_ setup: WorkerSetup) -> [WorkerAttempt] { files(setup) + network + processes + memory }

    /// `openat(AT_FDCWD, …)`; the descriptor is closed again.
    private static func open(_ name: String, _ path: String, _ flags: Int32) -> WorkerAttempt {
        let currentFolder = -100
        return path.withCString { path in
            let result = sluice_system_call(
                Int(__NR_openat), currentFolder, Int(bitPattern: path), Int(flags), 0o600, 0, 0)
            defer { if result >= 0 { close(Int32(result)) } }
            return WorkerAttempt(name: name, error: result < 0 ? errno : 0)
        }
    }

    private static func call(_ name: String, _ number: Int32, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, _ d: Int = 0)
        -> WorkerAttempt
    {
        let result = sluice_system_call(Int(number), a, b, c, d, 0, 0)
        return WorkerAttempt(name: name, error: result < 0 ? errno : 0)
    }

    private static func files(_ setup: WorkerSetup) -> [WorkerAttempt] {
        let new = O_WRONLY | O_CREAT
        return [
            open("read /etc/passwd", "/etc/passwd", O_RDONLY), open("list /", "/", O_RDONLY | O_DIRECTORY),
            open("read the relay's memory", "/proc/\(getppid())/mem", O_RDONLY),
            open("write to /tmp", "/tmp/sluice-worker-was-here", new),
            open("write beside the databases", setup.embeddedDatabase + "/new.ndb", new),
            open("list the databases", setup.embeddedDatabase, O_RDONLY | O_DIRECTORY),
            open("write to its own folder", setup.temporaryDirectory + "/attempt", new),
        ]
    }

    private static var network: [WorkerAttempt] {
        let stream = Int(SOCK_STREAM.rawValue)
        return [
            call("socket of TCP", __NR_socket, Int(AF_INET), stream),
            call("socket of Unix", __NR_socket, Int(AF_UNIX), stream),
            call("io_uring", 425 /* io_uring_setup */, 1),
        ]
    }

    private static var processes: [WorkerAttempt] {
        let relay = Int(getppid())
        var execution = WorkerAttempt(name: "run a program", error: 0)
        "/bin/true".withCString { path in
            // Without arguments, and done it never comes back.
            _ = sluice_system_call(Int(__NR_execve), Int(bitPattern: path), 0, 0, 0, 0, 0)
            execution.error = errno
        }
        let childSignal = Int(SIGCHLD)
        return [
            execution, fork(childSignal), call("signal the relay", __NR_kill, relay, 0),
            call("trace the relay", __NR_ptrace, 16 /* PTRACE_ATTACH */, relay),
            call("limits of the relay", __NR_prlimit64, relay, 7), call("another user", __NR_setuid, 0),
            call("a namespace", __NR_unshare, 0x1000_0000 /* CLONE_NEWUSER */), call("mount", __NR_mount),
            call("be dumpable", __NR_prctl, 4, 1),
        ]
    }

    private static func fork(_ signal: Int) -> WorkerAttempt {
        let child = sluice_system_call(Int(__NR_clone), signal, 0, 0, 0, 0, 0)
        if child == 0 { _exit(0) }
        return WorkerAttempt(name: "fork", error: child < 0 ? errno : 0)
    }

    private static var memory: [WorkerAttempt] {
        let flags = Int(MAP_PRIVATE | 0x20 /* MAP_ANONYMOUS */)
        let writable = sluice_system_call(Int(__NR_mmap), 0, 4096, Int(PROT_READ | PROT_WRITE), flags, -1, 0)
        defer { _ = sluice_system_call(Int(__NR_munmap), writable, 4096, 0, 0, 0, 0) }
        // Soft and hard.
        var limit = (UInt64(1 << 16), UInt64(1 << 16))
        let raised = withUnsafePointer(to: &limit) { limit in
            call("more descriptors", __NR_prlimit64, 0, 7 /* RLIMIT_NOFILE */, Int(bitPattern: limit))
        }
        return [
            raised,
            call("make memory executable", __NR_mprotect, writable, 4096, Int(PROT_READ | PROT_EXEC)),
            call("map executable memory", __NR_mmap, 0, 4096, Int(PROT_READ | PROT_EXEC), flags),
        ]
    }
}
