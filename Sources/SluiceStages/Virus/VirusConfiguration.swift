// SPDX-License-Identifier: Apache-2.0
import Foundation
package import SluiceCore
package import SluiceNative

extension VirusStage {
    /// What is done with a message that holds a virus.
    package enum InfectedAction: String, Sendable, CaseIterable {
        case reject, quarantine, discard
    }

    /// Which databases are enough to call a message clean.
    package enum Database: String, Sendable, CaseIterable {
        /// freshclam's, and ours.
        case official
        /// The small one that Sluice brings along.
        case embedded
    }

    package struct Configuration: ConfigurationReadable, Sendable {
        package var infected = InfectedAction.reject
        package var database = Database.official
        /// freshclam's folder.
        package var databaseFolder = "/var/lib/clamav"
        /// Past them the scan has failed, and `on_error` applies.
        package var limits = WorkerPool.Limits()
        /// How long a message may wait for a free process and be scanned; less than the stage's `timeout`, so that
        /// a slow scan is a failure with a reason.
        package var scanTime = Duration.seconds(28)

        package init() {}

        package init(reading section: ConfigurationSection) {
            infected = section.choice("infected", default: infected)
            database = section.choice("database", default: database)
            databaseFolder = section.path("database_folder") ?? databaseFolder
            let limits = section.section("limits")
            let sizes = 1024...(2 << 30)
            self.limits.scanSize = limits.size("scan_size", default: self.limits.scanSize, in: sizes)
            self.limits.fileSize = limits.size("file_size", default: self.limits.fileSize, in: 1024...(1 << 30))
            self.limits.recursion = limits.integer("recursion", default: self.limits.recursion, in: 1...50)
            self.limits.files = limits.integer("files", default: self.limits.files, in: 1...1_000_000)
            // freshclam's databases have four thousand times as many signatures.
            let seconds = limits.duration(
                "processor_time", default: .seconds(database == .official ? 20 : 4), in: .seconds(1) ... .seconds(3600))
            self.limits.processorSeconds = max(1, Int(seconds.components.seconds))
            scanTime = limits.duration(
                "scan_time", default: scanTime, in: .milliseconds(100) ... .seconds(3600))
            limits.finish()
            if database == .official, !Self.holdsDatabases(databaseFolder) {
                section.report(
                    section.isPresent("database_folder") ? "database_folder" : "database",
                    "\(databaseFolder) does not hold freshclam's databases: until it does, on_error applies to every message",
                    severity: .warning)
            }
        }

        /// Whether freshclam has been there: `main` and `daily`, as `.cvd` or `.cld`.
        private static func holdsDatabases(_ folder: String) -> Bool {
            ["main", "daily"].allSatisfy { name in
                [".cvd", ".cld"].contains { FileManager.default.isReadableFile(atPath: "\(folder)/\(name)\($0)") }
            }
        }

        var pool: WorkerPool.Database {
            switch database {
            case .official: .official(folder: databaseFolder)
            case .embedded: .embedded
            }
        }
    }
}
