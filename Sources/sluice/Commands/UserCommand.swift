// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SluiceCore
import SluiceNative
import SluiceServer

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Logins for submission.",
        discussion: """
            The file holds SCRAM-SHA-256 verifiers (RFC 5803), no passwords. The password is asked for on the terminal,
            or read from standard input.

            EXAMPLES:
              sluice user add --file users.txt anna
              printf '%s' "$PASSWORD" | sluice user add --file users.txt anna
              sluice user list --file users.txt
            """,
        subcommands: [Add.self, Remove.self, List.self])

    struct FileOptions: ParsableArguments {
        @Option(name: .long, help: ArgumentHelp("The users file, as listeners name it.", valueName: "file"))
        var file: String

        func read(mayBeMissing: Bool = false) throws -> UsersFile {
            if mayBeMissing, !FileManager.default.fileExists(atPath: file) { return UsersFile() }
            guard FileManager.default.fileExists(atPath: file) else {
                throw CommandFailure(.noSuchFile, "\(file): no such file")
            }
            let (users, diagnostics) = try UsersFile.read(file)
            guard diagnostics.isEmpty else {
                throw CommandFailure(.badInput, diagnostics.map(\.description).joined(separator: "\n"))
            }
            return users
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds a login, or gives it another password.")
        @OptionGroup var options: FileOptions
        @Argument var name: String

        func run() async throws {
            // A line that begins with a number sign is a comment.
            guard !name.isEmpty, !name.hasPrefix("#"), name.utf8.count <= 255,
                !name.utf8.contains(where: { $0 < 33 || $0 == 58 || $0 == 127 })
            else {
                throw CommandFailure(
                    .usage, "“\(name)” is no login: no spaces, no colon and no # at its start would be right")
            }
            var users = try options.read(mayBeMissing: true)
            let password = try Password.read()
            guard password.utf8.count >= 8 else {
                throw CommandFailure(.badInput, "the password has fewer than 8 octets, at least 8 would be right")
            }
            users.set(name, try SCRAMVerifier(password: password))
            try users.write(to: options.file)
            Terminal.line("\(name) can log in.")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes a login.")
        @OptionGroup var options: FileOptions
        @Argument var name: String

        func run() async throws {
            var users = try options.read()
            guard users.remove(name) else { throw CommandFailure(.noSuchFile, "\(name): no such login") }
            try users.write(to: options.file)
            Terminal.line("\(name) can no longer log in.")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the logins.")
        @OptionGroup var options: FileOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            for user in try options.read().users {
                if output.json { Terminal.json(["login": .string(user.name)]) } else { Terminal.line(user.name) }
            }
        }
    }
}
