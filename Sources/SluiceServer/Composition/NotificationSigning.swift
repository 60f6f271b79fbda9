// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceFilter

/// Signs our own notifications as the stages `dkim-sign` would: they are from `MAILER-DAEMON@` our name.
struct NotificationSigning: Sendable {
    private let pipelines: [Pipeline]
    private let hostname: String
    private let resolver: any SluiceCore.Resolver
    private let timeout: Duration

    /// - Throws: where a stage can't be made.
    init(
        _ configuration: ServerConfiguration, _ foundations: Foundations, time: any TimeSource, logger: Logger
    ) throws {
        pipelines = try configuration.pipelines.sorted { $0.key < $1.key }
            .flatMap(\.value.stages).filter { $0.name == "dkim-sign" }
            .map { blueprint in
                let stage = try blueprint.make(foundations.services(time: time, logger: logger))
                return try Pipeline(name: "notifications", stages: [stage], logger: logger)
            }
        hostname = configuration.hostname
        resolver = foundations.resolver
        timeout = configuration.limits.pipelineTimeout
    }

    /// What the first of the stages that has a key for our name adds; nothing where none has.
    func edits(for notification: Message, id: String, now: Timestamp) async -> [MessageEdit] {
        let request = PipelineRequest(
            id: id, now: now, hostname: hostname, client: ClientInfo(address: .unspecified), isTrusted: true,
            hasClientAddress: false, envelope: Envelope(reversePath: .null, recipients: []), resolver: resolver)
        for pipeline in pipelines {
            let edits = await pipeline.evaluate(notification, request, timeout: timeout).edits
            if !edits.isEmpty { return edits }
        }
        return []
    }
}
