// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Logging
import SluiceCore
import SluiceServer

/// `--config FILE`
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The configuration; without it sluice.yml here, else /etc/sluice/sluice.yml.", valueName: "file"))
    var config: String?

    /// The file that is meant.
    var path: String {
        if let config { return config }
        return FileManager.default.fileExists(atPath: "sluice.yml") ? "sluice.yml" : "/etc/sluice/sluice.yml"
    }

    /// Reads the file; diagnostics are the caller's to print.
    func read() throws -> ServerConfiguration.Reading {
        let text = try InputFile.text(path)
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        return ServerConfiguration.read(text, file: path, directory: directory)
    }

    /// The configuration; every mistake goes to stderr, all at once.
    ///
    /// - Parameter warns: whether warnings are of use too: not to who only asks the running server.
    /// - Throws: ``CommandFailure`` (78) where there is an error.
    func load(warns: Bool = true) throws -> ServerConfiguration {
        let reading = try read()
        for diagnostic in reading.diagnostics where warns || diagnostic.severity == .error {
            Terminal.error(diagnostic.description)
        }
        guard let configuration = reading.configuration else { throw CommandFailure(.badConfiguration, "") }
        return configuration
    }
}

extension ConfigurationOptions {
    /// The configuration for a server that runs.
    ///
    /// - Throws: ``ServerError`` with every mistake, a line each.
    func reload() throws -> ServerConfiguration {
        let reading: ServerConfiguration.Reading
        do { reading = try read() } catch let failure as CommandFailure {
            throw ServerError(message: failure.message, isConfiguration: true)
        }
        guard let configuration = reading.configuration else {
            let errors = reading.diagnostics.filter { $0.severity == .error }
            throw ServerError(message: errors.map(\.description).joined(separator: "\n"), isConfiguration: true)
        }
        return configuration
    }
}

/// How commands find the state that they are about: by the configuration, or named.
struct ServerOptions: ParsableArguments {
    @OptionGroup var configuration: ConfigurationOptions

    @Option(
        name: .long,
        help: ArgumentHelp("The state directory, instead of that of a configuration.", valueName: "directory"))
    var state: String?

    /// The configuration, and the state directory.
    func place() throws -> (configuration: ServerConfiguration?, directory: String) {
        // With a directory the configuration is of use only where it was named.
        if let state {
            return (try configuration.config == nil ? nil : configuration.load(warns: false), state)
        }
        let configuration = try configuration.load(warns: false)
        return (configuration, configuration.state)
    }

    /// Asks the running server; where none runs, it is done on the files.
    ///
    /// - Throws: ``CommandFailure`` with the exit code of the answer.
    func ask(_ command: String, _ arguments: [String: String?] = [:]) async throws -> [JSONValue] {
        let place = try place()
        let control = StateControl(
            directory: place.directory, configuration: place.configuration, logger: Self.logger)
        let request = ControlRequest(command, arguments.compactMapValues { $0 }, by: Self.operatorName)
        switch try await control.ask(request) {
        case .done(let values): return values
        case .failed(let code, let why):
            throw CommandFailure(CommandFailure.Status(rawValue: Int32(code)) ?? .bug, why)
        }
    }

    /// What goes wrong while the files are read or written, to stderr.
    static var logger: Logger {
        var logger = Logger(label: "sluice") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        return logger
    }

    /// Who asks, for the record: the login behind sudo, else our own.
    static var operatorName: String {
        let environment = ProcessInfo.processInfo.environment
        return environment["SUDO_USER"] ?? environment["LOGNAME"] ?? environment["USER"] ?? NSUserName()
    }
}
