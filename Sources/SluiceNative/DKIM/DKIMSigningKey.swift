// SPDX-License-Identifier: Apache-2.0

/// A private key as OpenSSL signs with it: read once, and used for every message.
final class DKIMSigningKey: Sendable {
    let algorithm: DKIMAlgorithm
    private let key: EVPKey

    /// - Returns: `nil` where OpenSSL can't read the key.
    init?(_ key: DKIMKey) {
        guard let loaded = EVPKey(privatePEM: key.pem) else { return nil }
        algorithm = key.algorithm
        self.key = loaded
    }

    /// Whether a signature takes well below a millisecond.
    var isQuick: Bool { algorithm == .ed25519SHA256 || key.bits <= 2048 }

    /// Signs octets; `nil` where OpenSSL can't.
    func sign(_ octets: [UInt8]) -> [UInt8]? { key.sign(octets) }
}
