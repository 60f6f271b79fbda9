// SPDX-License-Identifier: Apache-2.0
import Foundation

extension WorkerPool {
    /// Which processes to run, and with what.
    package struct Configuration: Sendable {
        /// The path of `sluice-worker`; ``findExecutable()`` knows it.
        package var executable: String
        /// How many processes may run at once for each database in use. Each holds its own (freshclam's: some 1.3 GB).
        package var count: Int
        /// Databases that are always loaded: file name (libclamav goes by its ending) and octets.
        package var embeddedDatabases: [(name: String, octets: [UInt8])]

        /// Which edition of ``embeddedDatabases`` it is: the beginning of the SHA-256 digest over names and octets.
        var embeddedEdition: String {
            var digest = SHA256Digest()
            for (name, octets) in embeddedDatabases {
                digest.update(Array(name.utf8) + [0])
                digest.update(octets)
            }
            return digest.finish().prefix(6).map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined()
        }
        /// Where the pool makes its folder for what is unpacked.
        package var temporaryDirectory: String
        /// How many scans may wait; more fail at once.
        package var queueLimit: Int
        /// How long a process may take to load its databases.
        package var startTimeout: Duration
        /// How often an idle process looks whether freshclam has been there.
        package var lookInterval: Duration
        /// The address space of a process, in octets.
        package var memoryLimit: Int

        package init(
            executable: String, count: Int = 2, embeddedDatabases: [(name: String, octets: [UInt8])],
            temporaryDirectory: String = "/tmp", queueLimit: Int = 256,
            startTimeout: Duration = .seconds(180), lookInterval: Duration = .seconds(30),
            memoryLimit: Int = 4 << 30
        ) {
            self.executable = executable
            self.count = max(1, count)
            self.embeddedDatabases = embeddedDatabases
            self.temporaryDirectory = temporaryDirectory
            self.queueLimit = queueLimit
            self.startTimeout = startTimeout
            self.lookInterval = lookInterval
            self.memoryLimit = memoryLimit
        }
    }

    /// How far a scan may go; past it the answer is ``ScanAnswer/limitExceeded(_:)``.
    package struct Limits: Hashable, Sendable {
        /// Octets that are looked at in all, what was unpacked included.
        package var scanSize: Int
        /// Octets of one file within the message, and of the message itself.
        package var fileSize: Int
        /// How deep parts and archives may be nested.
        package var recursion: Int
        /// Files within the message.
        package var files: Int
        /// Processor time, in whole seconds.
        package var processorSeconds: Int
        /// Lines of a mail that libclamav reads as one; a longer message is taken apart by our own reader.
        package var mailLines = 100_000
        /// Octets of such a mail.
        package var mailSize = 16 << 20

        package init(
            scanSize: Int = 400 << 20, fileSize: Int = 100 << 20, recursion: Int = 17, files: Int = 10_000,
            processorSeconds: Int = 20
        ) {
            self.scanSize = scanSize
            self.fileSize = fileSize
            self.recursion = recursion
            self.files = files
            self.processorSeconds = processorSeconds
        }
    }

    /// Looks for `sluice-worker` beside the running program, then in `../libexec/sluice` from there.
    ///
    /// - Returns: `nil` where neither is an executable file.
    package static func findExecutable() -> String? {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            // Without /proc nobody knows where the program stands; the caller says that the worker was not found.
            return nil
        }
        let folder = URL(filePath: program).deletingLastPathComponent()
        let candidates = [folder, folder.deletingLastPathComponent().appending(path: "libexec/sluice")]
        return candidates.map { $0.appending(path: "sluice-worker").path(percentEncoded: false) }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
