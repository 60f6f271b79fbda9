// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import CClamAV
import Glibc
import SluiceWorkerProtocol

/// The life of a worker: set up, then scan after scan, until the relay goes or the databases change.
struct Worker {
    let socket: PacketSocket

    func run() {
        do { try work() } catch {
            // The relay is told where it still listens; where not there is nobody to tell.
            _ = try? socket.send(.unusable(String("\(error)".prefix(1000))))
            exit(70)
        }
    }

    private func work() throws {
        guard case .setup(let setup)? = try socket.receive()?.request else { return }
        try Confinement.enter(setup)
        // What libclamav has to say is in its result codes; nobody reads the worker's standard error.
        cl_set_clcb_msg { _, _, _, _ in }
        guard cl_init(UInt32(CL_INIT_DEFAULT)) == CL_SUCCESS else { throw ScanEngineError("libclamav does not start") }
        CharacterSets.load()
        // From here on nothing can be opened but the databases, and nothing be written but in the worker's own folder.
        let confinement = try Confinement.seal(setup)
        let folder = setup.officialDatabase.map { DatabaseFolder($0) }
        let (engine, versions) = try load(setup, folder, confinement)
        guard try socket.send(.ready(versions)) else { return }
        try ProcessorTime.watch(socket)
        try serve(engine, folder, setup)
    }

    /// Loads our own databases, and freshclam's where they are to be had.
    private func load(
        _ setup: WorkerSetup, _ folder: DatabaseFolder?, _ confinement: WorkerConfinement
    ) throws -> (ScanEngine, WorkerVersions) {
        var versions = WorkerVersions(
            engine: String(cString: cl_retver()), embeddedSignatures: 0, official: nil, officialFault: nil,
            confinement: confinement)
        if let folder {
            if folder.isComplete {
                do {
                    let engine = try ScanEngine(temporaryDirectory: setup.temporaryDirectory)
                    versions.embeddedSignatures = try engine.load(setup.embeddedDatabase)
                    let count = try engine.load(folder.path)
                    try engine.compile()
                    versions.official = folder.version(signatures: count)
                    if versions.official != nil { return (engine, versions) }
                    versions.officialFault = "\(folder.path): main or daily has no readable head"
                } catch {
                    versions.officialFault = String("\(error)".prefix(1000))
                }
            } else {
                versions.officialFault = "\(folder.path) does not hold main and daily (freshclam fetches them)"
            }
        }
        // An engine in which a database did not load is not used any more.
        let engine = try ScanEngine(temporaryDirectory: setup.temporaryDirectory)
        versions.embeddedSignatures = try engine.load(setup.embeddedDatabase)
        try engine.compile()
        return (engine, versions)
    }

    private func serve(_ engine: ScanEngine, _ folder: DatabaseFolder?, _ setup: WorkerSetup) throws {
        while true {
            guard socket.wait(milliseconds: setup.lookMilliseconds) else {
                if folder?.hasChanged == true {
                    _ = try socket.send(.renewing)
                    return
                }
                continue
            }
            guard let (request, content) = try socket.receive() else { return }
            defer { if content >= 0 { close(content) } }
            let reply: WorkerReply
            switch request {
            case .setup: return
            case .attempt: reply = .attempts(ForbiddenActs.attempt(setup))
            case .scan(let limits):
                guard content >= 0 else { return }
                try Confinement.allowProcessorTime(seconds: limits.processorSeconds)
                reply = .outcome(try engine.scan(content, limits))
            }
            guard try socket.send(reply) else { return }
        }
    }
}
