// SPDX-License-Identifier: Apache-2.0

/// Commands that are promised and not there yet: refused by name, never ignored.
enum NotThereYet {
    private static let commands = ["arc", "dmarc", "replay"]

    /// - Throws: ``CommandFailure`` (69) where the command is one of them.
    static func refuse(_ command: String?) throws {
        guard let command, commands.contains(command) else { return }
        throw CommandFailure(.serviceMissing, "sluice \(command) isn't there yet; sluice --help lists what is")
    }
}
