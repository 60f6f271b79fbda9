// SPDX-License-Identifier: Apache-2.0
package import Logging
package import SluiceCore

/// What `sluice scan` needs: one pipeline, of a configuration or of the embedded ones, and what it rests on.
package struct ScanSetup: Sendable {
    package let scan: Scan
    private let foundations: Foundations

    /// - Parameters:
    ///   - configuration: `nil` for the embedded pipelines.
    ///   - resolver: in place of that of the configuration.
    /// - Throws: ``ServerError`` where there is no such pipeline, or it can't be made.
    package init(
        configuration: ServerConfiguration?, pipeline name: String, resolver: (any Resolver)?, logger: Logger
    ) async throws {
        foundations = try Foundations(configuration?.resolver, resolver: resolver, logger: logger)
        do {
            let configurations = try configuration?.pipelines ?? EmbeddedPipelines.configurations()
            guard let wanted = configurations[name] else {
                throw ServerError(
                    message:
                        "there is no pipeline \(name), one of \(configurations.keys.sorted().joined(separator: ", ")) would be right",
                    isConfiguration: true)
            }
            let pipelines = try Pipelines(
                [name: wanted], services: foundations.services(time: SystemTime(), logger: logger), logger: logger)
            guard let pipeline = pipelines[name] else { throw ServerError(message: "pipeline \(name) was not made") }
            scan = Scan(
                pipeline: pipeline, hostname: configuration?.hostname ?? "localhost",
                timeout: configuration?.limits.pipelineTimeout ?? .seconds(90),
                nesting: configuration?.limits.nesting ?? 100, resolver: foundations.resolver)
        } catch {
            await foundations.shutdown()
            if let error = error as? PipelinesError { throw ServerError(message: "\(error)", isConfiguration: true) }
            throw error
        }
    }

    /// Ends the worker processes.
    package func shutdown() async { await foundations.shutdown() }
}
