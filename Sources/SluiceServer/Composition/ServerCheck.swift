// SPDX-License-Identifier: Apache-2.0
package import Logging
import SluiceCore

/// Checks what only trying can tell: whether stages, certificates, users and zone can be used.
package enum ServerCheck {
    /// - Returns: a sentence for each thing that would keep the server from starting.
    package static func problems(_ configuration: ServerConfiguration, logger: Logger) async -> [String] {
        var problems: [String] = []
        do {
            let foundations = try Foundations(configuration.resolver, logger: logger)
            do throws(PipelinesError) {
                _ = try Pipelines(
                    configuration.pipelines, services: foundations.services(time: SystemTime(), logger: logger),
                    logger: logger)
            } catch { problems += error.problems }
            await foundations.shutdown()
        } catch {
            problems += "\(error)".split(separator: "\n").map(String.init)
        }
        for listener in configuration.listeners {
            do { _ = try TLSContext.make(listener) } catch { problems.append("\(error)") }
            do { _ = try Server.users(listener) } catch {
                problems += "\(error)".split(separator: "\n").map(String.init)
            }
        }
        return problems
    }
}
