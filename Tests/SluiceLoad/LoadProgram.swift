// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// Drives `sluice serve` over loopback, measures what it costs, and holds it to what was promised (docs/reliability.md).
@main
struct LoadProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice-load", abstract: "Loads a relay and measures what that costs it.",
        discussion: "Each command ends with 0 where the relay holds what it is measured by, else with 1.",
        subcommands: [
            SoakCommand.self, MessagesCommand.self, SlowCommand.self, IdleCommand.self, LargeCommand.self,
            DescriptorsCommand.self, DiskCommand.self, WorkersCommand.self, WorstCommand.self, TransferCommand.self,
        ])
}
