// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SluiceWorkerProtocol

/// A running `sluice-worker` and our end of the socket to it.
final class WorkerProcess {
    let id: Int32
    /// Becomes readable when the worker has answered, or has died.
    let socket: Int32
    let folder: String

    /// Who a worker becomes where the relay is root: nobody, on every Linux.
    static let unprivilegedUser: UInt32 = 65_534

    /// Starts the executable; it dies with the thread that calls this.
    ///
    /// - Parameter folder: its own, removed by whoever ends it.
    /// - Throws: ``WorkerPoolError/unavailable(_:)``.
    init(executable: String, folder: String) throws {
        self.folder = folder
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Self.failure("socketpair", errno) }
        // Away from the numbers that they get in the worker, so that none is overwritten before it is copied.
        let theirs = fcntl(ends[1], F_DUPFD_CLOEXEC, 16)
        let sink = Self.openSink()
        close(ends[1])
        defer { for descriptor in [theirs, sink] where descriptor >= 0 { close(descriptor) } }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for standard in 0..<Int32(3) { posix_spawn_file_actions_adddup2(&actions, sink, standard) }
        posix_spawn_file_actions_adddup2(&actions, theirs, WorkerCoding.socketDescriptor)
        posix_spawn_file_actions_addclosefrom_np(&actions, WorkerCoding.socketDescriptor + 1)
        Self.resetSignals(&attributes)
        var process: pid_t = 0
        let code = Self.withArguments([executable], Self.environment()) { arguments, environment in
            posix_spawn(&process, executable, &actions, &attributes, arguments, environment)
        }
        guard code == 0 else {
            close(ends[0])
            throw Self.failure(executable, code)
        }
        id = process
        socket = ends[0]
    }

    deinit { close(socket) }

    /// Nobody reads what a worker writes to its standard descriptors.
    private static func openSink() -> Int32 {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        // A chroot may have no /dev.
        return null >= 0 ? null : memfd_create("sluice-sink", sluice_memfd_cloexec)
    }

    /// The signals as at the start of any program, whatever the relay ignores or blocks.
    private static func resetSignals(_ attributes: inout posix_spawnattr_t) {
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        // A group of its own: what the terminal sends to the relay's is the relay's business.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
    }

    /// Nothing of ours, but where the loader finds the libraries, if someone had to say so.
    private static func environment() -> [String] {
        getenv("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=" + String(cString: $0)] } ?? []
    }

    private static func withArguments<Value>(
        _ arguments: [String], _ environment: [String],
        _ body: ([UnsafeMutablePointer<CChar>?], [UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let first = arguments.map { strdup($0) }
        let second = environment.map { strdup($0) }
        defer { for text in first + second { free(text) } }
        return body(first + [nil], second + [nil])
    }

    private static func failure(_ subject: String, _ code: Int32) -> WorkerPoolError {
        .unavailable("\(subject): \(String(cString: strerror(code)))")
    }

    // MARK: Messages

    /// Sends without waiting: a worker has at most one request to read.
    ///
    /// - Returns: `false` where the worker has gone.
    func send(_ request: WorkerRequest, content: Int32 = -1) throws -> Bool {
        let octets = try WorkerCoding.encode(request)
        return sluice_send(socket, octets, octets.count, content, Int32(MSG_DONTWAIT)) == octets.count
    }

    /// What has come: an answer, `nil` where there is none yet.
    ///
    /// - Throws: ``WorkerPoolError/died`` where the worker has gone, or says what no worker says.
    func receive() throws -> WorkerReply? {
        var octets = [UInt8](repeating: 0, count: WorkerCoding.packetLimit)
        var descriptor: Int32 = -1
        let count = sluice_receive(socket, &octets, octets.count, &descriptor, Int32(MSG_DONTWAIT))
        let code = errno
        if descriptor >= 0 { close(descriptor) }
        if count < 0, code == EAGAIN || code == EINTR { return nil }
        guard count > 0, let reply = try? WorkerCoding.decode(WorkerReply.self, from: Array(octets.prefix(count)))
        else { throw WorkerPoolError.died }
        return reply
    }

    // MARK: Ending

    func kill() { _ = Glibc.kill(id, SIGKILL) }

    /// Takes the exit status, once the process has ended.
    ///
    /// - Returns: `false` while it still runs.
    func reap() -> Bool {
        var status: Int32 = 0
        // An error means that there is no such child any more.
        return waitpid(id, &status, WNOHANG) != 0
    }
}
