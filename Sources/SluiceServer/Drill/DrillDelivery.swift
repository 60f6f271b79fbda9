// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The next hop, which every accepted message needs.
struct DrillDelivery: Sendable {
    let scene: DrillScene
    static let title = "next hop"

    /// All at once: most of it is waiting for the next attempt.
    func run() async throws {
        let rows = try await withThrowingTaskGroup(of: (DrillRow.Fault, DrillRow).self) { tasks in
            for fault in DrillScene.faults { tasks.addTask { (fault, try await run(fault)) } }
            return try await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for row in DrillScene.faults.compactMap({ rows[$0] }) { scene.tell(row) }
    }

    private func run(_ fault: DrillRow.Fault) async throws -> DrillRow {
        let broken = try await DrillListener.start(DrillNextHop(), fault: fault)
        if fault == .dead { try await broken.stop() }
        let text = DrillConfiguration(state: try scene.folder("hop-\(fault.rawValue)"), nextHop: broken.port)
        let configuration = try text.read(directory: scene.plan.directory)
        return try await scene.withResolver(.none) { resolver in
            try await DrillServer.run(configuration, resolver: resolver, logger: scene.logger) { server in
                fault == .slow
                    ? try await delivered(server, broken) : try await retried(server, fault, broken)
            }
        }
    }

    private func send(_ server: DrillServer) async throws -> (reply: Reply, id: String) {
        let reply = try await DrillClient.send(scene.message.content, port: server.ports[DrillConfiguration.plain] ?? 0)
        guard let id = DrillClient.id(in: reply) else { throw ServerError(message: "no id in “\(reply)”") }
        return (reply, id)
    }

    private func delivered(_ server: DrillServer, _ hop: DrillListener) async throws -> DrillRow {
        let (reply, id) = try await send(server)
        let recipient = try await server.recipient(id) { $0["state"]?.stringValue == "delivered" }
        try await hop.stop()
        return row(.slow, "accepted, delivered", reply, ["delivered"], [recipient])
    }

    private func retried(_ server: DrillServer, _ fault: DrillRow.Fault, _ broken: DrillListener) async throws
        -> DrillRow
    {
        let (reply, id) = try await send(server)
        let waiting = try await server.recipient(id) { recipient in
            recipient["state"]?.stringValue == "queued" && recipient["attempts"]?.integerValue ?? 0 > 0
        }
        if fault != .dead { try await broken.stop() }
        // The same next hop, mended.
        let mended = try await DrillListener.start(DrillNextHop(), port: broken.port)
        let last = try await server.recipient(id) { $0["state"]?.stringValue == "delivered" }
        let account = try await server.ask("account")
        try await mended.stop()
        var row = row(fault, "accepted, deferred and retried", reply, ["queued", "delivered"], [waiting, last])
        if account["unaccounted"]?.integerValue != 0 {
            row.seen += "; the account does not add up: \(account.written)"
            row.judgement = .otherwise
        }
        return row
    }

    /// - Parameters:
    ///   - wanted: the states that the recipient should have had, one after the other.
    ///   - found: what it was, each time.
    private func row(
        _ fault: DrillRow.Fault, _ declared: String, _ reply: Reply, _ wanted: [String], _ found: [JSONValue]
    ) -> DrillRow {
        let states = found.map { $0["state"]?.stringValue ?? "none" }
        var words = zip(states, found).map { state, recipient in
            let why = state == "queued" ? recipient["reason"]?.stringValue.map { " (\($0))" } ?? "" : ""
            let attempts = recipient["attempts"]?.integerValue ?? 0
            return state == "queued" ? "\(state) after \(attempts) attempt\(attempts == 1 ? "" : "s")\(why)" : state
        }
        words.insert("\(reply.code)", at: 0)
        return DrillRow(
            stage: Self.title, broke: "next hop", fault: fault, declared: declared,
            seen: words.joined(separator: ", "),
            judgement: states == wanted && reply.code == 250 ? .asDeclared : .otherwise)
    }
}
