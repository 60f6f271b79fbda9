// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import NIOCore
import SluiceCore
import SluiceNative

/// `sluice dkim`
struct DKIMCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dkim",
        abstract: "Verify and make DKIM signatures, keys and DNS records.",
        discussion: """
            EXAMPLES:
              sluice dkim verify message.eml
              sluice dkim keygen --domain example.org --selector s1 --out s1.pem
              sluice dkim sign message.eml --domain example.org --selector s1 --key s1.pem
              sluice dkim dns --key s1.pem --domain example.org --selector s1
            """,
        subcommands: [
            DKIMVerifyCommand.self, DKIMSignCommand.self, DKIMKeygenCommand.self, DKIMDNSCommand.self,
        ])
}

/// `sluice dkim verify`
struct DKIMVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify every DKIM signature of a message.",
        discussion: """
            An answer is an answer: the exit code is 0 whatever it is.

            EXAMPLES:
              sluice dkim verify message.eml
              sluice dkim verify message.eml --zone keys.yml --now 1700000000 --json
            """)

    @Argument(help: "The message; - for standard input.")
    var file: String
    @OptionGroup var resolver: ResolverOptions
    @OptionGroup var time: TimeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let message = try Message(MemoryContent(try InputFile.message(file)))
        let verifier = DKIMVerifier(pool: CPUPool(threads: 1))
        let results = try await verifier.verify(
            message: message, resolver: try resolver.resolver(), now: time.timestamp)
        if output.json {
            Terminal.json(["signatures": .array(results.map(Self.json))])
        } else if results.isEmpty {
            Terminal.line("none: the message is not signed")
        } else {
            for result in results { Terminal.line(Self.text(result)) }
        }
    }

    static func json(_ result: DKIMSignatureResult) -> JSONValue {
        [
            "domain": .optional(result.domain), "selector": .optional(result.selector),
            "algorithm": .optional(result.algorithm), "identity": .optional(result.identity),
            "result": .string(result.result.rawValue), "reason": .optional(result.reason),
            "testing": .bool(result.testing),
            "body_length": result.bodyLengthUsed.map { .integer($0) } ?? .null,
        ]
    }

    static func text(_ result: DKIMSignatureResult) -> String {
        let colour: Terminal.Colour =
            switch result.result {
            case .pass: .green
            case .fail, .permerror: .red
            case .neutral, .policy, .temperror: .yellow
            }
        var line = Terminal.colour(result.result.rawValue, colour)
        line += "  \(result.domain ?? "no domain"), selector \(result.selector ?? "none"), \(result.algorithm ?? "-")"
        if let reason = result.reason { line += ": \(reason)" }
        return result.testing ? line + " (the key is in test mode)" : line
    }
}

/// The canonicalization on the command line.
extension DKIMCanonicalization: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

/// `sluice dkim sign`
struct DKIMSignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign a message and print it.",
        discussion: """
            EXAMPLES:
              sluice dkim sign message.eml --domain example.org --selector s1 --key s1.pem > signed.eml
            """)

    @Argument(help: "The message; - for standard input.")
    var file: String
    @Option(help: "The signing domain (d=).")
    var domain: String
    @Option(help: "The selector (s=) under which the key is published.")
    var selector: String
    @Option(help: ArgumentHelp("The private key, in PEM.", valueName: "file"))
    var key: String
    @Option(help: "relaxed or simple for the header section, a slash, and the same for the body.")
    var canonicalization = DKIMCanonicalization.standard
    @OptionGroup var time: TimeOptions

    func run() async throws {
        let message = try Message(MemoryContent(try InputFile.message(file)))
        do {
            let signer = try DKIMSigner(
                domain: domain, selector: selector, key: try DKIMKeyFile.read(key),
                canonicalization: canonicalization, pool: CPUPool(threads: 1))
            let value = try await signer.sign(message, now: time.timestamp)
            let signed = message.applying([.addField(name: "DKIM-Signature", value: value, position: 0)])
            Terminal.octets(signed.headerOctets.readableBytesView)
            Terminal.octets(try signed.body.readAll().readableBytesView)
        } catch let error as DKIMSigningError {
            throw CommandFailure(.badInput, "\(file): \(error)")
        }
    }
}
