// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import NIOPosix
import SluiceCore
import SluiceFilter
import SluiceNative
import SluiceStages

/// What every use of the chain rests on: threads, resolver, worker processes.
struct Foundations: Sendable {
    let pool: CPUPool
    let resolver: any SluiceCore.Resolver
    let workers: WorkerPool?
    private let unbound: UnboundResolver?

    /// - Parameters:
    ///   - resolver: in place of that of the configuration.
    ///   - worker: the program in place of `sluice-worker`.
    ///   - trustAnchors: Debian's `dns-root-data`; without it nothing is validated.
    init(
        _ configuration: ResolverConfiguration?, resolver: (any SluiceCore.Resolver)? = nil, worker: String? = nil,
        logger: Logger
    ) throws {
        pool = CPUPool(threads: max(2, ProcessInfo.processInfo.activeProcessorCount))
        workers = (worker ?? WorkerPool.findExecutable()).map { executable in
            WorkerPool(
                WorkerPool.Configuration(executable: executable, embeddedDatabases: EmbeddedVirusDatabase.files),
                logger: logger)
        }
        if let resolver {
            self.resolver = resolver
            unbound = nil
        } else if let zone = configuration?.zone {
            let text = try TextFile.read(zone)
            self.resolver = try ZoneFile.read(text, file: zone).get()
            unbound = nil
        } else {
            let anchors = "/usr/share/dns/root.key"
            let made = try UnboundResolver(
                UnboundResolver.Configuration(
                    forwarders: configuration?.forwarders ?? [], deadline: configuration?.timeout ?? .seconds(5),
                    trustAnchors: FileManager.default.isReadableFile(atPath: anchors) ? anchors : nil))
            self.resolver = made
            unbound = made
        }
    }

    func services(time: any TimeSource, logger: Logger) -> StageServices {
        StageServices(resolver: resolver, time: time, logger: logger, pool: pool, workers: workers)
    }

    func shutdown() async {
        await workers?.shutdown()
        await unbound?.shutdown()
    }
}
