// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("The help of the command line") struct CommandHelpTests {
    @Test("every command has one, and each at the top has examples in it or in its subcommands")
    func everyCommand() throws {
        let commands = try CommandHelp([]).subcommands
        #expect(commands.count >= 14)
        for command in commands where command != "help" {
            let help = try CommandHelp([command])
            var texts = [help.text]
            for subcommand in help.subcommands {
                let help = try CommandHelp([command, subcommand])
                #expect(help.text.contains("USAGE: sluice \(command) \(subcommand)"))
                texts.append(help.text)
            }
            #expect(texts.contains { $0.contains("sluice \(command)") && $0.contains("EXAMPLES:") }, "\(command)")
        }
    }
}
