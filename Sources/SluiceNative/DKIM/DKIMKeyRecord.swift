// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// A key record (RFC 6376 §3.6.1).
struct DKIMKeyRecord: Hashable, Sendable {
    /// `k=`, in lower case.
    var keyType: String
    /// `h=`, in lower case; `nil` allows all hashes.
    var hashes: [String]?
    /// `s=`: the services the key is for.
    var services: [String]
    /// `p=`; empty where the key has been revoked.
    var publicKey: [UInt8]
    /// `t=y`
    var testing: Bool
    /// `t=s`: `i=` has to be in the very domain of `d=`.
    var isStrict: Bool

    /// - Parameter octets: the character-strings of the record, joined.
    /// - Throws: ``DKIMSyntaxError`` where the record can't be used: permerror (RFC 6376 §6.1.2).
    init(_ octets: [UInt8]) throws(DKIMSyntaxError) {
        let tags = try DKIMTagList(octets)
        if let version = tags.text("v") {
            guard version == "DKIM1" else { throw DKIMSyntaxError("v= is not DKIM1") }
            guard tags.names.first == "v" else { throw DKIMSyntaxError("v= is not the first tag") }
        }
        keyType = (tags.text("k") ?? "rsa").asciiLowercased()
        hashes = try tags.list("h")?.map { $0.asciiLowercased() }
        services = (try tags.list("s") ?? ["*"]).map { $0.asciiLowercased() }
        let flags = try tags.list("t") ?? []
        testing = flags.contains("y")
        isStrict = flags.contains("s")
        guard let publicKey = try tags.base64("p") else { throw DKIMSyntaxError("p= is missing") }
        self.publicKey = publicKey
    }

    /// Holds the record against a signature (RFC 6376 §6.1.2).
    ///
    /// - Throws: ``DKIMSyntaxError`` where the key is not for this signature.
    func check(for signature: DKIMSignature) throws(DKIMSyntaxError) {
        if publicKey.isEmpty { throw DKIMSyntaxError("the key has been revoked") }
        guard keyType == signature.algorithm.keyType else {
            throw DKIMSyntaxError(
                "the key is of type \(keyType.prefix(32)), the signature needs \(signature.algorithm.keyType)")
        }
        if let hashes, !hashes.contains("sha256") { throw DKIMSyntaxError("the key does not allow sha256") }
        guard services.contains("*") || services.contains("email") else {
            throw DKIMSyntaxError("the key is not for e-mail")
        }
        if isStrict, signature.identityIsInSubdomain {
            throw DKIMSyntaxError("the key forbids i= in a subdomain")
        }
    }
}
