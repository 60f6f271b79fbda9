// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import Testing

@testable import SluiceServer

/// What tests of backups share.
enum BackupFixture {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func backup(of state: String, configuration: String? = nil) -> Backup {
        Backup(state: state, configuration: configuration, hostname: "mx.example.org", logger: logger)
    }

    static func restore(
        _ backup: String, to state: String, configuration: Restore.Configuration = .none, replaces: Bool = false
    ) -> Restore {
        Restore(backup: backup, state: state, configuration: configuration, replaces: replaces, logger: logger)
    }

    /// Asks about a state directory on which no server runs.
    static func ask(_ state: String, _ command: String, _ arguments: [String: String] = [:]) async throws -> [JSONValue]
    {
        let control = StateControl(directory: state, configuration: nil, logger: logger)
        switch try await control.ask(ControlRequest(command, arguments, by: "tester")) {
        case .done(let values): return values
        case .failed(let code, let why): throw TestServer.Failure(description: "\(code) \(why)")
        }
    }

    /// The states of a message's recipients.
    static func states(_ state: String, of id: String) async throws -> [String] {
        let trace = try await ask(state, "trace show", ["id": id]).first ?? .null
        return trace["recipients"]?.arrayValue?.compactMap { $0["state"]?.stringValue } ?? []
    }

    /// All files below a folder with what is in them, but for those that a reader may make.
    static func contents(_ folder: String) throws -> [String: Data] {
        var found: [String: Data] = [:]
        guard let walk = FileManager.default.enumerator(atPath: folder) else { return [:] }
        for case let name as String in walk {
            if let data = FileManager.default.contents(atPath: folder + "/" + name) { found[name] = data }
        }
        return found
    }

    static func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }
}
