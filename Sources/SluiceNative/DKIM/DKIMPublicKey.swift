// SPDX-License-Identifier: Apache-2.0

/// A public key that was found usable, in the one form that libopendkim reads.
struct DKIMPublicKey: Hashable, Sendable {
    /// RFC 8301 §3.2: shorter RSA keys never count.
    static let leastBits = 1024

    /// A key record of our own making, from what was read of the published one.
    let record: [UInt8]

    /// - Throws: ``DKIMSyntaxError`` where the key can't be used: permerror.
    init(_ published: DKIMKeyRecord, for algorithm: DKIMAlgorithm) throws(DKIMSyntaxError) {
        let octets: [UInt8]
        switch algorithm {
        case .rsaSHA256:
            guard let key = EVPKey(rsaPublicKey: published.publicKey), key.algorithm == .rsaSHA256 else {
                throw DKIMSyntaxError("p= is not an RSA key")
            }
            guard key.bits >= Self.leastBits else {
                throw DKIMSyntaxError("the RSA key has \(key.bits) bits, fewer than 1024 do not count (RFC 8301)")
            }
            octets = key.publicOctets
        case .ed25519SHA256:
            guard published.publicKey.count == 32, EVPKey(ed25519PublicKey: published.publicKey) != nil else {
                throw DKIMSyntaxError("p= is not an Ed25519 key")
            }
            octets = published.publicKey
        }
        record = Array("v=DKIM1; k=\(algorithm.keyType); p=\(DKIMBase64.encode(octets))".utf8)
        guard record.count <= OpenDKIM.keyRecordLimit else {
            throw DKIMSyntaxError("the key is too large to be used here; 4096 bits are enough")
        }
    }
}
