// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SluiceCore
import SluiceQueue

/// The full disk: a `sluice serve` of its own on a small file system, which nobody else sees and which ends with it.
struct DrillDisk: Sendable {
    let scene: DrillScene
    /// The program to run as `sluice serve`.
    let program: String
    static let title = "disk"
    private static let size = 112 << 20
    /// What the journal keeps for the outcomes of deliveries.
    private static let reserve = Int(MailQueue.Configuration().freeSpaceReserve)

    func run() async throws {
        let folder = try scene.folder("disk")
        let volume = folder + "/volume"
        try FileManager.default.createDirectory(atPath: volume, withIntermediateDirectories: true)
        let hopPort = try await DrillListener.freePort()
        var text = DrillConfiguration(state: volume + "/state", nextHop: hopPort)
        text.port = try await DrillListener.freePort()
        try text.text.write(toFile: folder + "/sluice.yml", atomically: true, encoding: .utf8)
        let process: DrillProcess
        do { process = try await start(volume, folder + "/sluice.yml") } catch let error as ServerError {
            return scene.tell(
                row(.full, "new mail 452, what is queued is delivered", "not tried: \(error.message)", .notTried))
        }
        let result: Result<Void, any Error>
        do {
            let server = DrillServer(
                ports: [DrillConfiguration.plain: text.port], state: process.root + volume + "/state")
            result = .success(try await fill(server, volume: process.root + volume, hopPort: hopPort))
        } catch { result = .failure(error) }
        await process.end()
        try result.get()
    }

    /// - Throws: ``ServerError`` where no small file system is to be had.
    private func start(_ volume: String, _ configuration: String) async throws -> DrillProcess {
        let script = """
            mount -t tmpfs -o size=\(Self.size),mode=700 tmpfs "$1" && mkdir -m 700 "$1/state" && \
            exec "$2" serve --config "$3" --log-level error
            """
        let namespaces = geteuid() == 0 ? ["-m"] : ["-U", "-r", "-m"]
        let process = try DrillProcess(
            "/usr/bin/unshare", namespaces + ["/bin/sh", "-c", script, "sh", volume, program, configuration],
            log: scene.directory + "/disk/log")
        do {
            if try await isUp(process, state: process.root + volume + "/state") { return process }
        } catch {
            await process.end()
            throw error
        }
        await process.end()
        throw ServerError(message: "a small file system takes root or user namespaces (\(process.lastWords))")
    }

    private func isUp(_ process: DrillProcess, state: String) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end, process.isRunning {
            let answer = try? await ControlClient.ask(ControlRequest("ping", by: "drill"), state: state)
            if answer != nil { return true }  // Not yet there otherwise.
            try await Task.sleep(for: .milliseconds(30))
        }
        return false
    }

    private func fill(_ server: DrillServer, volume: String, hopPort: Int) async throws {
        let port = server.ports[DrillConfiguration.plain] ?? 0
        var reply = try await DrillClient.send(scene.message.content, port: port)
        guard let queued = DrillClient.id(in: reply), reply.code == 250 else {
            return scene.tell(row(.none, "room: new mail 250", "\(reply)", .otherwise))
        }
        try fill(volume, leaving: Self.reserve - (1 << 20))
        // What is free is looked up once a second.
        try await Task.sleep(for: .milliseconds(1100))
        reply = try await DrillClient.send(scene.message.content, port: port)
        tell(.full, "new mail: 452", "\(reply)", isRight: reply.code == 452)
        let hop = try await DrillListener.start(DrillNextHop(), port: hopPort)
        let recipient = try await server.recipient(queued) { $0["state"]?.stringValue == "delivered" }
        let state = recipient["state"]?.stringValue ?? "none"
        tell(.full, "what is queued: delivered", state, isRight: state == "delivered")
        try FileManager.default.removeItem(atPath: volume + "/filler")
        try await Task.sleep(for: .milliseconds(1100))
        reply = try await DrillClient.send(scene.message.content, port: port)
        tell(.none, "room again, without a restart: 250", "\(reply)", isRight: reply.code == 250)
        try fill(volume, leaving: 0)
        try await Task.sleep(for: .milliseconds(1100))
        reply = try await DrillClient.send(scene.message.content, port: port)
        tell(.full, "not an octet left, new mail: 452", "\(reply)", isRight: reply.code == 452)
        try FileManager.default.removeItem(atPath: volume + "/filler")
        try await account(server)
        try await hop.stop()
    }

    /// In the end each message that was accepted is delivered.
    private func account(_ server: DrillServer) async throws {
        let end = ContinuousClock.now + .seconds(15)
        var account = try await server.ask("account")
        while account["delivered"]?.integerValue != 2, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(100))
            account = try await server.ask("account")
        }
        let (accepted, delivered) = (account["accepted"]?.integerValue ?? -1, account["delivered"]?.integerValue ?? -1)
        let unaccounted = account["unaccounted"]?.integerValue ?? -1
        tell(
            .none, "afterwards: each accepted message delivered",
            "\(accepted) accepted, \(delivered) delivered, \(unaccounted) unaccounted",
            isRight: accepted == 2 && delivered == 2 && unaccounted == 0)
    }

    /// Writes until so many octets are free, or none where it can't have all.
    private func fill(_ volume: String, leaving octets: Int) throws {
        let path = volume + "/filler"
        let free = try FileManager.default.attributesOfFileSystem(forPath: volume)[.systemFreeSize]
        let wanted = ((free as? NSNumber)?.intValue ?? 0) - octets
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else {
            throw ServerError(message: "\(path): can't be written")
        }
        let chunk = Data(count: 1 << 20)
        var written = 0
        while written < wanted {
            let count = min(chunk.count, wanted - written)
            // Full before that: as full as it gets.
            guard (try? file.write(contentsOf: chunk.prefix(count))) != nil else { break }
            written += count
        }
        try file.close()
    }

    private func tell(_ fault: DrillRow.Fault, _ declared: String, _ seen: String, isRight: Bool) {
        scene.tell(row(fault, declared, seen, isRight ? .asDeclared : .otherwise))
    }

    private func row(
        _ fault: DrillRow.Fault, _ declared: String, _ seen: String, _ judgement: DrillRow.Judgement
    ) -> DrillRow {
        DrillRow(
            stage: Self.title, broke: "file system", fault: fault, declared: declared, seen: seen, judgement: judgement)
    }
}
