// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore

/// Why a private key can't be used: what is wrong, and what would be right.
package struct DKIMKeyError: Error, Hashable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// A private key for signing. Printing it shows no part of the key.
package struct DKIMKey: Sendable, CustomStringConvertible {
    /// RFC 8301 §3.2: signers use at least 1024 bits and should use 2048; what every verifier knows ends at 4096.
    package static let bitsRange = 1024...4096

    package let algorithm: DKIMAlgorithm
    package let bits: Int
    /// PKCS #8 in PEM, without passphrase.
    package let pem: [UInt8]
    /// The public part, as `p=` has it before base64.
    let publicOctets: [UInt8]

    /// - Parameter pem: PKCS #8 or PKCS #1, not encrypted.
    /// - Throws: ``DKIMKeyError`` where this is no key to sign with.
    package init(pem: [UInt8]) throws(DKIMKeyError) {
        let text = String(decoding: pem, as: UTF8.self)
        if text.contains("ENCRYPTED") {
            throw DKIMKeyError("the key is encrypted; one without a passphrase would be right")
        }
        guard let key = EVPKey(privatePEM: pem) else {
            throw DKIMKeyError("this is not a private key in PEM (-----BEGIN PRIVATE KEY-----)")
        }
        try self.init(key)
    }

    private init(_ key: borrowing EVPKey) throws(DKIMKeyError) {
        guard let algorithm = key.algorithm else {
            throw DKIMKeyError("the key is neither RSA nor Ed25519, one of these would be right")
        }
        if algorithm == .rsaSHA256, !Self.bitsRange.contains(key.bits) {
            throw DKIMKeyError("the RSA key has \(key.bits) bits, 1024 to 4096 (best 2048) would be right")
        }
        self.algorithm = algorithm
        bits = key.bits
        pem = key.privatePEM
        publicOctets = key.publicOctets
        guard !pem.isEmpty, !publicOctets.isEmpty else { throw DKIMKeyError("OpenSSL can't write the key") }
    }

    /// Reads a key from a file that not everyone may read.
    ///
    /// - Throws: ``DKIMKeyError`` where the file is missing, readable by everyone, or holds no key to sign with.
    package init(file path: String) throws(DKIMKeyError) {
        let file = FileManager.default
        let attributes: [FileAttributeKey: Any]
        do {
            attributes = try file.attributesOfItem(atPath: (path as NSString).resolvingSymlinksInPath)
        } catch {
            throw DKIMKeyError("\(path): no such file; `sluice dkim keygen --out \(path)` makes a key")
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw DKIMKeyError("\(path): not a file; a private key in PEM would be right")
        }
        let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0o777
        guard mode & 0o007 == 0 else {
            throw DKIMKeyError(
                "\(path): everyone may read or change it (mode 0\(String(mode, radix: 8))); "
                    + "0600 would be right: chmod 600 \(path)")
        }
        guard (attributes[.size] as? NSNumber)?.intValue ?? 0 <= 65536 else {
            throw DKIMKeyError("\(path): larger than 64 KiB; a private key in PEM would be right")
        }
        let pem: [UInt8]
        do {
            pem = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw DKIMKeyError("\(path): can't be read; its owner has to be the one that runs sluice")
        }
        do {
            try self.init(pem: pem)
        } catch {
            throw DKIMKeyError("\(path): \(error.description)")
        }
    }

    /// Makes a new key.
    ///
    /// - Parameter bits: for RSA.
    /// - Throws: ``DKIMKeyError`` where OpenSSL can't make such a key.
    package static func generate(_ algorithm: DKIMAlgorithm, bits: Int = 2048) throws(DKIMKeyError) -> DKIMKey {
        guard algorithm != .rsaSHA256 || bitsRange.contains(bits) else {
            throw DKIMKeyError("an RSA key of \(bits) bits; 1024 to 4096 (best 2048) would be right")
        }
        guard let key = EVPKey(generating: algorithm, bits: bits) else {
            throw DKIMKeyError("OpenSSL can't make the key")
        }
        return try DKIMKey(key)
    }

    package var description: String { "a private key for \(algorithm.rawValue), \(bits) bits" }

    /// The key record to publish (RFC 6376 §3.6.1).
    package var record: String { "v=DKIM1; k=\(algorithm.keyType); p=\(DKIMBase64.encode(publicOctets))" }

    /// The record as character-strings of at most 255 octets (RFC 1035 §3.3, RFC 6376 §3.6.2.2).
    package var recordStrings: [String] {
        let octets = Array(record.utf8)
        return stride(from: 0, to: octets.count, by: 255).map { start in
            String(decoding: octets[start..<min(start + 255, octets.count)], as: UTF8.self)
        }
    }

    /// The line for a zone file (RFC 1035 §5.1).
    package func zoneLine(selector: String, domain: String) -> String {
        let strings = recordStrings.map { "\"\($0)\"" }
        let name = DKIMName.keyName(selector: selector, domain: domain) + "."
        guard strings.count > 1 else { return "\(name) IN TXT \(strings.joined())" }
        return "\(name) IN TXT ( \(strings.joined(separator: "\n    ")) )"
    }
}
