// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Logging
package import SluiceCore
import SluiceFilter
import SluiceNative
import SluiceStages

/// Checks what only trying can tell: whether stages, certificates, users and zone can be used.
package enum ServerCheck {
    /// - Returns: a diagnostic for each thing that would keep the server from starting.
    package static func problems(_ configuration: ServerConfiguration, logger: Logger) async -> [Diagnostic] {
        await foundations(configuration, logger) + configuration.listeners.flatMap(listener)
    }

    /// What confines the processes that scan for viruses, as one that is started for the question finds it.
    ///
    /// - Returns: `nil` where no pipeline scans. Words in place of the confinement where no process can be started: the
    ///   stage's `on_error` then applies to every message.
    package static func confinement(_ configuration: ServerConfiguration, logger: Logger) async -> String? {
        let stages = configuration.pipelines.values.flatMap(\.stages)
        guard stages.contains(where: { $0.name == VirusStage.name }),
            let executable = WorkerPool.findExecutable()
        else { return nil }
        let pool = WorkerPool(
            WorkerPool.Configuration(
                executable: executable, count: 1, embeddedDatabases: EmbeddedVirusDatabase.files),
            logger: logger)
        let words: String
        do {
            let versions = try await pool.versions(deadline: .seconds(20))
            words = versions.confinement.map { "\($0)" } ?? "not known"
        } catch { words = "no scanner process can be started: \(error)" }
        await pool.shutdown()
        return words
    }

    /// Resolver and stages.
    private static func foundations(_ configuration: ServerConfiguration, _ logger: Logger) async -> [Diagnostic] {
        let foundations: Foundations
        do { foundations = try Foundations(configuration.resolver, logger: logger) } catch let error as ZoneFileError {
            return error.diagnostics
        } catch {
            return [Diagnostic(configuration.mark, "resolver: \(error)")]
        }
        var problems: [Diagnostic] = []
        do throws(PipelinesError) {
            _ = try Pipelines(
                configuration.pipelines, services: foundations.services(time: SystemTime(), logger: logger),
                logger: logger)
        } catch {
            for problem in error.problems {
                let marks = configuration.pipelines[problem.pipeline]?.marks ?? []
                let mark = marks.indices.contains(problem.index) ? marks[problem.index] : configuration.mark
                problems.append(Diagnostic(mark, "\(problem)"))
            }
        }
        await foundations.shutdown()
        return problems
    }

    /// Certificate and users of a listener.
    private static func listener(_ listener: ListenerConfiguration) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        if let socket = listener.milter?.socket {
            let folder = URL(fileURLWithPath: socket).deletingLastPathComponent().path
            if !FileManager.default.isWritableFile(atPath: folder) {
                problems.append(
                    Diagnostic(
                        listener.mark,
                        "address: no socket can be made in \(folder), a folder that is there and can be written to would be right"
                    ))
            }
        }
        do { _ = try TLSContext.make(listener) } catch { problems.append(Diagnostic(listener.mark, "\(error)")) }
        if let path = listener.users {
            do { problems += try UsersFile.read(path).1 } catch {
                problems.append(Diagnostic(listener.mark, "users: \(error)"))
            }
        }
        return problems
    }
}
