// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// What the relay sends to a worker: first ``setup(_:)``, once, then one scan after the other.
package enum WorkerRequest: Hashable, Sendable, Codable {
    case setup(WorkerSetup)
    /// The content comes as a descriptor with this message.
    case scan(ScanLimits)
    /// Asks the worker to try what it must not be able to do: the proof of its confinement, no part of any scan.
    case attempt
}

/// What a worker answers.
package enum WorkerReply: Hashable, Sendable, Codable {
    /// After ``WorkerRequest/setup(_:)``: the databases are loaded.
    case ready(WorkerVersions)
    /// After ``WorkerRequest/setup(_:)``: the worker can't work, and ends. Why, in words.
    case unusable(String)
    /// After ``WorkerRequest/scan(_:)``.
    case outcome(WorkerOutcome)
    /// After ``WorkerRequest/attempt``.
    case attempts([WorkerAttempt])
    /// The databases have changed on disk: the worker ends, unasked, to be started anew. It begins no scan after it.
    case renewing
}

/// What a worker needs to begin.
package struct WorkerSetup: Hashable, Sendable, Codable {
    /// The folder with the databases that are always loaded.
    package var embeddedDatabase: String
    /// freshclam's folder, if there is to be one.
    package var officialDatabase: String?
    /// A folder of the worker's own.
    package var temporaryDirectory: String
    /// The address space that it may take, in octets.
    package var memoryLimit: Int
    /// How often an idle worker looks whether the official database has changed.
    package var lookMilliseconds: Int32
    /// The user and group id to become, where the relay runs as root.
    package var user: UInt32?

    package init(
        embeddedDatabase: String, officialDatabase: String?, temporaryDirectory: String, memoryLimit: Int,
        lookMilliseconds: Int32, user: UInt32?
    ) {
        self.embeddedDatabase = embeddedDatabase
        self.officialDatabase = officialDatabase
        self.temporaryDirectory = temporaryDirectory
        self.memoryLimit = memoryLimit
        self.lookMilliseconds = lookMilliseconds
        self.user = user
    }
}

/// What a worker has loaded.
package struct WorkerVersions: Hashable, Sendable, Codable {
    /// libclamav's version.
    package var engine: String
    package var embeddedSignatures: Int
    /// `nil` where freshclam's databases are not there, not asked for, or broken.
    package var official: OfficialDatabase?
    /// Why ``official`` is missing, in words.
    package var officialFault: String?
    package var confinement: WorkerConfinement

    package init(
        engine: String, embeddedSignatures: Int, official: OfficialDatabase?, officialFault: String?,
        confinement: WorkerConfinement
    ) {
        self.confinement = confinement
        self.engine = engine
        self.embeddedSignatures = embeddedSignatures
        self.official = official
        self.officialFault = officialFault
    }

    package struct OfficialDatabase: Hashable, Sendable, Codable {
        /// The versions of the databases `daily` and `main`.
        package var daily: Int
        package var main: Int
        package var signatures: Int
        /// When `daily` was made, in seconds since 1970.
        package var made: Int64

        package init(daily: Int, main: Int, signatures: Int, made: Int64) {
            self.daily = daily
            self.main = main
            self.signatures = signatures
            self.made = made
        }
    }
}

/// What keeps a worker that was taken over by what it read from doing harm.
package struct WorkerConfinement: Hashable, Sendable, Codable {
    /// The user id that it runs under.
    package var user: UInt32
    /// Whether it holds no capability: none permitted, none ambient.
    package var isWithoutCapabilities: Bool
    /// How many system calls its filter lets through; `nil` where the kernel takes no filter.
    package var systemCalls: Int?
    /// The version of Landlock's interface by which it sees its own folders alone; `nil` where the kernel has none.
    package var landlock: Int?

    package init(user: UInt32, isWithoutCapabilities: Bool, systemCalls: Int?, landlock: Int?) {
        self.user = user
        self.isWithoutCapabilities = isWithoutCapabilities
        self.systemCalls = systemCalls
        self.landlock = landlock
    }
}

/// What a worker tried, and what came of it.
package struct WorkerAttempt: Hashable, Sendable, Codable {
    package var name: String
    /// The error number of the system call; 0 where it was done.
    package var error: Int32

    package init(name: String, error: Int32) {
        self.name = name
        self.error = error
    }
}

/// How far a scan may go. Past it the content is not clean, but unknown.
package struct ScanLimits: Hashable, Sendable, Codable {
    /// Octets that are looked at in all, what was unpacked included.
    package var scanSize: Int
    /// Octets of one file within the content.
    package var fileSize: Int
    /// How deep archives may be nested.
    package var recursion: Int
    /// Files within the content.
    package var files: Int
    package var milliseconds: Int
    /// Processor time, in whole seconds.
    package var processorSeconds: Int
    /// Lines of one mail; libclamav keeps each of them in memory.
    package var mailLines: Int
    /// Octets of one mail.
    package var mailSize: Int

    package init(
        scanSize: Int, fileSize: Int, recursion: Int, files: Int, milliseconds: Int, processorSeconds: Int,
        mailLines: Int, mailSize: Int
    ) {
        self.scanSize = scanSize
        self.fileSize = fileSize
        self.recursion = recursion
        self.files = files
        self.milliseconds = milliseconds
        self.processorSeconds = processorSeconds
        self.mailLines = mailLines
        self.mailSize = mailSize
    }
}

/// What came of a scan.
package enum WorkerOutcome: Hashable, Sendable, Codable {
    case clean
    /// The virus by its name.
    case infected(String)
    /// The limit, by libclamav's name for it.
    case limitExceeded(String)
    /// Why the content could not be scanned, in words.
    case failed(String)
}
