// SPDX-License-Identifier: Apache-2.0

/// A public key that was found usable.
struct DKIMPublicKey: Hashable, Sendable {
    /// The lengths of RSA keys that count: shorter ones never do (RFC 8301 §3.2), longer ones cost too much.
    static let bitsRange = 1024...8192
    /// The usual exponent has 17 bits; with a long one a verification takes as long as a signature.
    static let exponentBitsLimit = 64

    let algorithm: DKIMAlgorithm
    /// SubjectPublicKeyInfo for RSA, the bare 32 octets for Ed25519.
    private let octets: [UInt8]
    /// The same key as OpenSSL verifies with it: reading it costs as much as a verification.
    private let loaded: Loaded

    /// An `EVPKey` that several values share.
    private final class Loaded: Sendable {
        let key: EVPKey

        init(_ key: consuming EVPKey) { self.key = key }
    }

    /// - Throws: ``DKIMSyntaxError`` where the key can't be used: permerror.
    init(_ published: DKIMKeyRecord, for algorithm: DKIMAlgorithm) throws(DKIMSyntaxError) {
        self.algorithm = algorithm
        switch algorithm {
        case .rsaSHA256:
            guard let key = EVPKey(rsaPublicKey: published.publicKey), key.algorithm == .rsaSHA256 else {
                throw DKIMSyntaxError("p= is not an RSA key")
            }
            guard Self.bitsRange.contains(key.bits) else {
                throw DKIMSyntaxError(
                    key.bits < Self.bitsRange.lowerBound
                        ? "the RSA key has \(key.bits) bits, fewer than 1024 do not count (RFC 8301)"
                        : "the RSA key has \(key.bits) bits, more than 8192 are not used here")
            }
            guard key.exponentBits <= Self.exponentBitsLimit else {
                throw DKIMSyntaxError(
                    "the RSA key's exponent has \(key.exponentBits) bits, more than 64 are not used here")
            }
            octets = key.publicOctets
            loaded = Loaded(key)
        case .ed25519SHA256:
            guard published.publicKey.count == 32, let key = EVPKey(ed25519PublicKey: published.publicKey) else {
                throw DKIMSyntaxError("p= is not an Ed25519 key")
            }
            octets = published.publicKey
            loaded = Loaded(key)
        }
    }

    /// A key record of our own making, from what was read of the published one: the one form that libopendkim reads.
    var record: String { "v=DKIM1; k=\(algorithm.keyType); p=\(DKIMBase64.encode(octets))" }

    /// Whether a signature by this key is one of these octets.
    func verifies(_ signature: [UInt8], of signed: [UInt8]) -> Bool { loaded.key.verifies(signature, of: signed) }

    static func == (one: DKIMPublicKey, other: DKIMPublicKey) -> Bool {
        one.algorithm == other.algorithm && one.octets == other.octets
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(algorithm)
        hasher.combine(octets)
    }
}
