// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// Owns an `EVP_PKEY` of OpenSSL's: a public or a private key.
///
/// Several threads may use one at once: nothing here changes it, and what OpenSSL keeps in it (the blinding of RSA, what
/// was computed ahead) is behind locks of its own.
struct EVPKey: ~Copyable, @unchecked Sendable {
    private let key: OpaquePointer

    private init?(taking key: OpaquePointer?) {
        guard let key else {
            // What OpenSSL noted of this thread's mistake would be read as that of a later call.
            ERR_clear_error()
            return nil
        }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// Reads a SubjectPublicKeyInfo (RFC 5280 §4.1), or a bare RSAPublicKey (RFC 8017 appendix A.1.1), in DER.
    ///
    /// RFC 6376 §3.6.1 says the second, its erratum 3017 and all signers the first.
    init?(rsaPublicKey der: [UInt8]) {
        let key = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var position = buffer.baseAddress
            if let key = d2i_PUBKEY(nil, &position, buffer.count) {
                if position == buffer.baseAddress.map({ $0 + buffer.count }) { return key }
                EVP_PKEY_free(key)
                return nil
            }
            ERR_clear_error()
            position = buffer.baseAddress
            guard let key = d2i_PublicKey(EVP_PKEY_RSA, nil, &position, buffer.count) else { return nil }
            if position == buffer.baseAddress.map({ $0 + buffer.count }) { return key }
            EVP_PKEY_free(key)
            return nil
        }
        self.init(taking: key)
    }

    /// Reads the 32 octets of an Ed25519 public key (RFC 8463 §4.2).
    init?(ed25519PublicKey octets: [UInt8]) {
        self.init(taking: EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, octets, octets.count))
    }

    /// Reads a private key in PEM: PKCS #8, or PKCS #1 for RSA.
    ///
    /// A key that is encrypted is not read: nobody could be asked for its passphrase.
    init?(privatePEM pem: [UInt8]) {
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { return nil }
        defer { BIO_free(bio) }
        self.init(taking: PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil))
    }

    /// Makes a new key.
    init?(generating algorithm: DKIMAlgorithm, bits: Int) {
        let type =
            switch algorithm {
            case .rsaSHA256: EVP_PKEY_RSA
            case .ed25519SHA256: EVP_PKEY_ED25519
            }
        guard let context = EVP_PKEY_CTX_new_id(type, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1 else { return nil }
        if algorithm == .rsaSHA256 {
            guard EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(clamping: bits)) == 1 else { return nil }
        }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen(context, &key) == 1 else { return nil }
        self.init(taking: key)
    }

    var bits: Int { Int(EVP_PKEY_get_bits(key)) }

    /// The bits of an RSA key's public exponent; 0 for another key.
    var exponentBits: Int {
        var exponent: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, "e", &exponent) == 1 else {
            ERR_clear_error()
            return 0
        }
        defer { BN_free(exponent) }
        return Int(BN_num_bits(exponent))
    }

    /// The algorithm that such a key signs by; `nil` where it is of another type.
    var algorithm: DKIMAlgorithm? {
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: .rsaSHA256
        case EVP_PKEY_ED25519: .ed25519SHA256
        default: nil
        }
    }

    /// Whether a signature by this key is one of these octets (RFC 6376 §3.7; RFC 8463 §3: Ed25519 signs their hash).
    func verifies(_ signature: [UInt8], of octets: [UInt8]) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        let isEd25519 = algorithm == .ed25519SHA256
        let signed = isEd25519 ? SHA256Digest.of(octets) : octets
        guard EVP_DigestVerifyInit(context, nil, isEd25519 ? nil : EVP_sha256(), nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, signed, signed.count) == 1
    }

    /// Signs octets; `nil` where the key is a public one.
    func sign(_ octets: [UInt8]) -> [UInt8]? {
        guard let context = EVP_MD_CTX_new() else { return nil }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        let isEd25519 = algorithm == .ed25519SHA256
        let signed = isEd25519 ? SHA256Digest.of(octets) : octets
        guard EVP_DigestSignInit(context, nil, isEd25519 ? nil : EVP_sha256(), nil, key) == 1 else { return nil }
        var length = Int(EVP_PKEY_get_size(key))
        let signature = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            let status = EVP_DigestSign(context, buffer.baseAddress, &length, signed, signed.count)
            count = status == 1 ? length : 0
        }
        return signature.isEmpty ? nil : signature
    }

    /// The public part as `p=` has it: SubjectPublicKeyInfo for RSA, the bare 32 octets for Ed25519.
    var publicOctets: [UInt8] {
        if algorithm == .ed25519SHA256 {
            var length = 32
            let octets = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
                count = EVP_PKEY_get_raw_public_key(key, buffer.baseAddress, &length) == 1 ? length : 0
            }
            return octets
        }
        let length = Int(i2d_PUBKEY(key, nil))
        guard length > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            var position = buffer.baseAddress
            count = max(0, Int(i2d_PUBKEY(key, &position)))
        }
    }

    /// The private key in PEM, PKCS #8; empty where this is a public key only.
    var privatePEM: [UInt8] {
        guard let bio = BIO_new(BIO_s_mem()) else { return [] }
        defer { BIO_free(bio) }
        guard PEM_write_bio_PKCS8PrivateKey(bio, key, nil, nil, 0, nil, nil) == 1 else {
            ERR_clear_error()
            return []
        }
        let length = BIO_ctrl_pending(bio)
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            count = max(0, Int(BIO_read(bio, buffer.baseAddress, Int32(clamping: length))))
        }
    }
}
