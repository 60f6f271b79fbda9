// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceFilter
import SluiceQueue

/// The virus scan that a message passes again before it leaves the quarantine.
struct ReleaseScanner: Sendable {
    private let pipeline: Pipeline
    private let resolver: any Resolver
    private let hostname: String
    private let timeout: Duration

    /// The scanner of a configuration's first pipeline that has one; `nil` where none has.
    ///
    /// - Throws: where it can't be made.
    init?(
        _ configuration: ServerConfiguration, _ foundations: Foundations, time: any TimeSource, logger: Logger
    ) throws {
        guard
            let blueprint = configuration.pipelines.sorted(by: { $0.key < $1.key })
                .flatMap(\.value.stages).first(where: { $0.name == "virus" })
        else { return nil }
        let stage = try blueprint.make(foundations.services(time: time, logger: logger))
        pipeline = try Pipeline(name: "release", stages: [stage], logger: logger)
        resolver = foundations.resolver
        hostname = configuration.hostname
        timeout = configuration.limits.pipelineTimeout
    }

    func scan(_ message: Message, of item: QueueItem, now: Timestamp) async -> PipelineOutcome {
        let request = PipelineRequest(
            id: item.messageID, now: now, hostname: hostname, client: ClientInfo(address: .unspecified),
            isTrusted: false, hasClientAddress: false,
            envelope: Envelope(reversePath: item.reversePath, recipients: item.recipients.map(\.mailbox)),
            resolver: resolver)
        return await pipeline.evaluate(message, request, timeout: timeout)
    }
}
