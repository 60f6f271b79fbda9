// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceCore
import SluiceNative

/// `sluice spf`
struct SPFCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spf", abstract: "SPF (RFC 7208).", subcommands: [Check.self])

    /// `sluice spf check`
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Check whether a client may send mail for a domain.",
            discussion: """
                The domain of the reverse-path is checked; where --mail-from is empty or
                not given (the null reverse-path), the HELO name is. Exit code 0 whatever
                the result.

                EXAMPLES:
                  sluice spf check --ip 192.0.2.1 --helo mx.test --mail-from a@b.test
                  sluice spf check --ip 2001:db8::1 --helo mx.test --zone z.yml --json
                """)

        @Option(
            parsing: .unconditional, help: ArgumentHelp("The client's address, IPv4 or IPv6.", valueName: "address"))
        var ip: String
        @Option(
            parsing: .unconditional,
            help: ArgumentHelp("What the client called itself in EHLO or HELO.", valueName: "name"))
        var helo: String
        @Option(
            parsing: .unconditional,
            help: ArgumentHelp("The reverse-path, without angle brackets.", valueName: "path"))
        var mailFrom = ""
        @OptionGroup var time: TimeOptions
        @OptionGroup var dns: ResolverOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            guard let address = IPAddress(ip) else {
                throw CommandFailure(.badInput, "--ip: “\(ip)” is no address, 192.0.2.1 or 2001:db8::1 would be right")
            }
            let path = mailFrom == "<>" ? "" : mailFrom
            let outcome = await SPFChecker(resolver: try dns.resolver()).check(
                ip: address, helo: helo, mailFrom: path, now: time.timestamp)
            if output.json { Terminal.json(Self.json(outcome)) } else { Self.print(outcome) }
        }

        /// The keys of the JSON object are promised to scripts.
        private static func json(_ outcome: SPFOutcome) -> JSONValue {
            .object([
                .init("result", .string(outcome.result.rawValue)),
                .init("identity", .string(outcome.identity.rawValue)),
                .init("domain", .string(outcome.domain)),
                .init("mechanism", .optional(outcome.mechanism)),
                .init("explanation", .optional(outcome.explanation)),
                .init("lookups", .integer(outcome.lookups)),
                .init("void_lookups", .integer(outcome.voidLookups)),
                .init("reason", .optional(outcome.reason)),
            ])
        }

        private static func print(_ outcome: SPFOutcome) {
            let colour: Terminal.Colour =
                switch outcome.result {
                case .pass: .green
                case .fail, .permerror: .red
                case .softfail, .temperror: .yellow
                case .neutral, .none: .dim
                }
            let rows: [(String, String?)] = [
                ("result", Terminal.colour(outcome.result.rawValue, colour)),
                ("identity", outcome.identity.rawValue),
                ("domain", outcome.domain),
                ("mechanism", outcome.mechanism),
                ("reason", outcome.reason),
                ("explanation", outcome.explanation),
                ("look-ups", "\(outcome.lookups) of 10, void \(outcome.voidLookups) of 2"),
            ]
            for case (let name, let value?) in rows {
                Terminal.line(name.padding(to: 13) + value)
            }
        }
    }
}

extension String {
    /// The text with spaces behind it to a width.
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - utf8.count))
    }
}
