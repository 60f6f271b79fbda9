// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import SluiceNative

/// What all parts of the drill work with.
struct DrillScene: Sendable {
    let plan: DrillPlan
    let message: DrillMessage
    /// The drill's own folder, removed at the end.
    let directory: String
    let logger: Logger
    var tell: @Sendable (DrillRow) -> Void

    /// A folder of its own for one instance.
    func folder(_ name: String) throws -> String {
        let path = "\(directory)/\(name)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return path
    }

    /// A DNS of ours, with a fault or without.
    ///
    /// Without trust anchors: the names of the drill are nobody's, so nobody could have signed them.
    func withResolver<Value: Sendable>(
        _ fault: DrillRow.Fault, _ body: (any SluiceCore.Resolver) async throws -> Value
    ) async throws -> Value {
        let server = try await DrillNameServer.start(fault, keyRecord: message.keyRecord)
        let resolver = try UnboundResolver(
            UnboundResolver.Configuration(
                forwarders: [server.address], usesSystemForwarders: false,
                deadline: min(plan.resolverTimeout, DrillConfiguration.resolverCap)))
        let result: Result<Value, any Error>
        do { result = .success(try await body(resolver)) } catch { result = .failure(error) }
        await resolver.shutdown()
        try await server.stop()
        return try result.get()
    }

    /// Runs an instance with those stages, behind a next hop and a DNS that work.
    func withServer<Value: Sendable>(
        _ name: String, _ parts: [DrillConfiguration.Part], dns: DrillRow.Fault = .none, worker: String? = nil,
        _ body: @escaping @Sendable (DrillServer) async throws -> Value
    ) async throws -> Value {
        let sink = try await DrillListener.start(DrillNextHop())
        let result: Result<Value, any Error>
        do {
            let text = DrillConfiguration(state: try folder(name), nextHop: sink.port, parts: parts)
            let configuration = try text.read(directory: plan.directory)
            result = .success(
                try await withResolver(dns) { resolver in
                    try await DrillServer.run(
                        configuration, resolver: resolver, worker: worker, logger: logger, body)
                })
        } catch { result = .failure(error) }
        try await sink.stop()
        return try result.get()
    }

    /// Tells what was seen of a stage, against what was expected.
    func report(
        _ stage: DrillStage, broke: String, fault: DrillRow.Fault, _ expectation: DrillExpectation,
        _ outcome: DrillOutcome
    ) {
        tell(
            DrillRow(
                stage: stage.title, broke: broke, fault: fault, declared: expectation.declared,
                seen: outcome.seen(stage.label),
                judgement: expectation.isMet(by: outcome, of: stage) ? .asDeclared : .otherwise))
    }

    static let faults: [DrillRow.Fault] = [.dead, .hang, .slow, .garbage, .crash]
}
