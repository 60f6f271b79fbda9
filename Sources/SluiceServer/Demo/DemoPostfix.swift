// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import NIOPosix

/// An instance of Postfix with configuration and queue of its own, whose milter is Sluice: all its mail goes to one next
/// hop. A second port is without milters, for what Sluice releases.
struct DemoPostfix: Sendable {
    let port: Int
    let reinjectPort: Int
    private let directory: String

    /// The directory whose `usr` holds Postfix: `""` where it is installed, else where it was unpacked.
    ///
    /// - Parameter folders: where a folder `.peers` may be, as `scripts/peers --fetch postfix` makes it.
    static func root(folders: [String] = usualFolders) -> String? {
        let roots = [""] + folders.map { $0 + "/.peers/root" }
        return roots.first { FileManager.default.isExecutableFile(atPath: master(below: $0)) }
    }

    /// The working directory, and the folder whose `.build` this program stands in.
    static var usualFolders: [String] {
        var folders = [FileManager.default.currentDirectoryPath]
        // Without the link there is one place less to look at.
        if let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            var folder = URL(fileURLWithPath: program).deletingLastPathComponent()
            for _ in 0..<3 {
                folder = folder.deletingLastPathComponent()
                folders.append(folder.path)
            }
        }
        return folders
    }

    private static func master(below root: String) -> String { root + "/usr/lib/postfix/sbin/master" }

    /// Ports that nobody listens on at the moment.
    static func freePorts(_ count: Int) async throws -> [Int] {
        var channels: [any Channel] = []
        for _ in 0..<count {
            channels.append(
                try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0)
                    .get())
        }
        let ports = channels.compactMap { $0.localAddress?.port }
        for channel in channels { try await channel.close() }
        return ports
    }

    /// Runs it while the body runs.
    ///
    /// - Parameters:
    ///   - root: as ``root(folders:)`` says.
    ///   - directory: an empty one that others may enter, where all its files go.
    ///   - milter: the port of Sluice's listener.
    ///   - nextHop: the port to which all mail is sent.
    /// - Throws: ``ServerError`` where it does not come up, with the end of its log; what the body throws.
    static func run<Value>(
        root: String, directory: String, port: Int, reinjectPort: Int, milter: Int, nextHop: Int,
        _ body: (DemoPostfix) async throws -> Value
    ) async throws -> Value {
        let postfix = DemoPostfix(port: port, reinjectPort: reinjectPort, directory: directory)
        try postfix.writeConfiguration(root: root, milter: milter, nextHop: nextHop)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // Postfix wants to be root and to become another; whoever isn't root becomes so in a namespace of his own.
        let namespace = geteuid() == 0 ? [] : ["unshare", "--user", "--map-root-user", "--map-auto"]
        process.arguments =
            namespace + [
                "sh", "-c", startScript, "postfix", directory, master(below: root), account.owner, account.group,
            ]
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = (environment["PATH"] ?? "/usr/bin:/bin") + ":/usr/sbin:/sbin"
        if !root.isEmpty { environment["LD_LIBRARY_PATH"] = libraryPath(below: root) }
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        do {
            try await postfix.ready { process.isRunning }
            let value = try await body(postfix)
            await stop(process)
            return value
        } catch {
            await stop(process)
            throw error
        }
    }

    private static func stop(_ process: Process) async {
        process.terminate()
        let end = ContinuousClock.now + .seconds(10)
        while process.isRunning, ContinuousClock.now < end {
            do { try await Task.sleep(for: .milliseconds(20)) } catch {
                // Cancelled: there is no time left but for this.
                process.waitUntilExit()
            }
        }
    }

    private func ready(isRunning: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while isRunning(), ContinuousClock.now < end {
            do {
                let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: port).get()
                try await channel.close()
                return
            } catch is IOError {
                // Not there yet.
                try await Task.sleep(for: .milliseconds(20))
            } catch is NIOConnectionError {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        throw ServerError(message: "Postfix does not start: \(text(directory + "/errors"))\(log.suffix(600))")
    }

    private var logPath: String { directory + "/log" }

    /// What it has written so far.
    var log: String { text(logPath) }

    private func text(_ path: String) -> String {
        // No file is no lines.
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }

    /// Waits until a message has left the queue or was discarded, or for ten seconds.
    func settle(_ queueID: String) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            let log = log
            if log.contains("\(queueID): removed") || log.contains("\(queueID): milter-discard") { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension DemoPostfix {
    /// Its own users where it is installed; else two that each Debian has.
    private static var account: (owner: String, group: String) {
        getpwnam("postfix") != nil && getgrnam("postdrop") != nil ? ("postfix", "postdrop") : ("mail", "games")
    }

    private static func libraryPath(below root: String) -> String {
        let library = root + "/usr/lib"
        // A folder that can't be read has no libraries.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
        return (["postfix"] + names.filter { $0.hasSuffix("-linux-gnu") }).map { "\(library)/\($0)" }
            .joined(separator: ":")
    }

    /// `$1` is the directory, `$2` the program, `$3` and `$4` user and group. What belongs to another user goes before
    /// it ends: an ordinary user could not remove it.
    private static let startScript = """
        set -e
        exec >>"$1/errors" 2>&1
        cd "$1"
        mkdir -p queue data
        cd queue
        mkdir -p active bounce corrupt defer deferred flush hold incoming maildrop private public saved trace pid
        chown "$3" active bounce corrupt defer deferred flush hold incoming private saved trace ../data
        chown "$3:$4" public maildrop
        chmod 0700 active bounce corrupt defer deferred flush hold incoming private saved trace ../data
        chmod 0710 public
        chmod 0730 maildrop
        "$2" -s -c "$1/etc" &
        pid=$!
        trap 'kill $pid 2>/dev/null' TERM INT
        wait $pid || wait $pid || true
        cd /
        rm -rf "$1/queue" "$1/data"
        """

    private func writeConfiguration(root: String, milter: Int, nextHop: Int) throws {
        let account = Self.account
        let main = """
            compatibility_level = 3.6
            queue_directory = \(directory)/queue
            data_directory = \(directory)/data
            command_directory = \(root)/usr/sbin
            daemon_directory = \(root)/usr/lib/postfix/sbin
            shlib_directory = \(root)/usr/lib/postfix
            meta_directory = \(root)/etc/postfix
            mail_owner = \(account.owner)
            setgid_group = \(account.group)
            import_environment = MAIL_CONFIG TZ LANG=C LD_LIBRARY_PATH
            maillog_file = \(logPath)
            maillog_file_prefixes = \(directory)
            myhostname = mail.demo.example
            mydestination =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            alias_maps =
            mynetworks = 127.0.0.0/8
            smtpd_relay_restrictions = permit_mynetworks, reject
            smtpd_peername_lookup = no
            smtpd_error_sleep_time = 0
            smtpd_client_connection_count_limit = 0
            local_header_rewrite_clients =
            disable_dns_lookups = yes
            relayhost = [127.0.0.1]:\(nextHop)
            smtpd_milters = inet:127.0.0.1:\(milter)
            milter_protocol = 6
            milter_default_action = tempfail

            """
        let services = """
            127.0.0.1:\(port) inet n - n - - smtpd
            127.0.0.1:\(reinjectPort) inet n - n - - smtpd -o smtpd_milters=
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            proxymap unix - - n - - proxymap
            smtp unix - - n - - smtp
            error unix - - n - - error
            retry unix - - n - - error
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd

            """
        try FileManager.default.createDirectory(atPath: directory + "/etc", withIntermediateDirectories: true)
        for (name, text) in [("main.cf", main), ("master.cf", services)] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/etc/\(name)"))
        }
    }
}
