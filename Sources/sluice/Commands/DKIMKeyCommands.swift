// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SluiceCore
import SluiceNative

/// Reads the key file that a command names.
enum DKIMKeyFile {
    /// - Throws: ``CommandFailure``: 66 where there is no such file, else 65.
    static func read(_ path: String) throws -> DKIMKey {
        do {
            return try DKIMKey(file: path)
        } catch {
            let isThere = FileManager.default.fileExists(atPath: path)
            throw CommandFailure(isThere ? .badInput : .noSuchFile, error.description)
        }
    }
}

/// `sluice dkim keygen`
struct DKIMKeygenCommand: ParsableCommand {
    enum KeyType: String, ExpressibleByArgument, CaseIterable {
        case rsa, ed25519

        var algorithm: DKIMAlgorithm {
            switch self {
            case .rsa: .rsaSHA256
            case .ed25519: .ed25519SHA256
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a key pair: the private key in PEM, and the DNS record to publish.",
        discussion: """
            EXAMPLES:
              sluice dkim keygen --domain example.org --selector s1 --out s1.pem
              sluice dkim keygen --type ed25519
            """)

    @Option(help: "rsa, which every verifier knows, or ed25519.")
    var type = KeyType.rsa
    @Option(help: "The length of an RSA key.")
    var bits = 2048
    @Option(help: "The domain, for the name of the DNS record.")
    var domain = "example.org"
    @Option(help: "The selector, for the name of the DNS record.")
    var selector = "s1"
    @Option(help: ArgumentHelp("Write the private key to a new file (mode 0600) instead.", valueName: "file"))
    var out: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard DKIMKey.bitsRange.contains(bits) else {
            throw ValidationError("--bits \(bits): 1024 to 4096 (best 2048) would be right")
        }
        try DKIMDNSCommand.validate(domain: domain, selector: selector)
    }

    func run() throws {
        let key: DKIMKey
        do {
            key = try DKIMKey.generate(type.algorithm, bits: bits)
        } catch {
            throw CommandFailure(.bug, error.description)
        }
        if let out {
            // O_EXCL: a key that is there may be in use, and is never overwritten.
            let descriptor = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw CommandFailure(
                    .badInput,
                    errno == EEXIST
                        ? "\(out): is there already; a new name would be right, a key is never overwritten"
                        : "\(out): can't be written: \(String(cString: strerror(errno)))")
            }
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try file.write(contentsOf: Data(key.pem))
            try file.synchronize()
        }
        if output.json {
            var members: [JSONValue.Member] = DKIMDNSCommand.members(key, domain: domain, selector: selector)
            members.append(.init("key", out == nil ? .string(String(decoding: key.pem, as: UTF8.self)) : .null))
            Terminal.json(.object(members))
            return
        }
        if out == nil { Terminal.octets(key.pem) }
        Terminal.line(key.zoneLine(selector: selector, domain: domain))
    }
}

/// `sluice dkim dns`
struct DKIMDNSCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dns",
        abstract: "Print the DNS record that publishes a key.",
        discussion: """
            EXAMPLES:
              sluice dkim dns --key s1.pem --domain example.org --selector s1
            """)

    @Option(help: ArgumentHelp("The private key, in PEM.", valueName: "file"))
    var key: String
    @Option(help: "The domain, for the name of the record.")
    var domain = "example.org"
    @Option(help: "The selector, for the name of the record.")
    var selector = "s1"
    @OptionGroup var output: OutputOptions

    func validate() throws { try Self.validate(domain: domain, selector: selector) }

    func run() throws {
        let key = try DKIMKeyFile.read(key)
        if output.json {
            Terminal.json(.object(Self.members(key, domain: domain, selector: selector)))
        } else {
            Terminal.line(key.zoneLine(selector: selector, domain: domain))
        }
    }

    static func validate(domain: String, selector: String) throws {
        guard DKIMName.isValid(domain) else { throw ValidationError("--domain \(domain): not a domain") }
        guard DKIMName.isValid(DKIMName.keyName(selector: selector, domain: domain)) else {
            throw ValidationError("--selector \(selector): not a selector")
        }
    }

    static func members(_ key: DKIMKey, domain: String, selector: String) -> [JSONValue.Member] {
        [
            .init("name", .string(DKIMName.keyName(selector: selector, domain: domain))),
            .init("record", .string(key.record)),
            .init("strings", .array(key.recordStrings.map { .string($0) })),
        ]
    }
}
