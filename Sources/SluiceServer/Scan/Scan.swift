// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import SluiceCore
package import SluiceFilter

/// The whole chain on a stored message, without relaying it: the same pipeline and dispatch as the relay's.
package struct Scan: Sendable {
    package var pipeline: Pipeline
    package var hostname: String
    package var timeout: Duration
    package var nesting: Int
    package var resolver: any Resolver

    package init(pipeline: Pipeline, hostname: String, timeout: Duration, nesting: Int = 100, resolver: any Resolver) {
        self.pipeline = pipeline
        self.hostname = hostname
        self.timeout = timeout
        self.nesting = nesting
        self.resolver = resolver
    }

    /// Evaluates one message.
    ///
    /// - Parameters:
    ///   - client: `nil` where no client address is known: what needs one is skipped.
    ///   - envelope: without a recipient, the decision is that for one that stands for all.
    package func evaluate(
        _ content: ByteBuffer, id: String, client: ClientInfo?, envelope: Envelope, isTrusted: Bool, now: Timestamp
    ) async throws -> DecisionRecord {
        let message = try Message(MemoryContent(content))
        let request = PipelineRequest(
            id: id, now: now, hostname: hostname, client: client ?? ClientInfo(address: .unspecified),
            isTrusted: isTrusted, hasClientAddress: client != nil, envelope: envelope, nesting: nesting,
            resolver: resolver)
        let outcome = await pipeline.evaluate(message, request, timeout: timeout)
        return Dispatch(listener: "scan", pipeline: pipeline.name, request: request)
            .decide(message, size: content.readableBytes, outcome)
    }
}
