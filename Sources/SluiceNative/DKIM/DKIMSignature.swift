// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// A DKIM-Signature field whose tags are all in order (RFC 6376 §3.5, §6.1.1).
struct DKIMSignature: Hashable, Sendable {
    var domain: String
    var selector: String
    var algorithm: DKIMAlgorithm
    /// `i=` without its quoted-printable, or `@d`.
    var identity: String
    var canonicalization: DKIMCanonicalization
    /// `h=` in lower case, in its order.
    var signedFieldNames: [String]
    /// `b=`, decoded.
    var signature: [UInt8]
    /// `bh=`, decoded.
    var bodyHash: [UInt8]
    /// `l=`
    var bodyLength: Int?
    /// `t=`, in seconds since 1970.
    var timestamp: Int?
    /// `x=`, in seconds since 1970.
    var expiration: Int?
    var tags: DKIMTagList

    /// Whether `i=` is in a subdomain of `d=`, which a key with `t=s` forbids.
    var identityIsInSubdomain: Bool { !identity.asciiLowercased().hasSuffix("@" + domain) }

    /// - Throws: ``DKIMSyntaxError`` where a tag is missing or wrong: permerror (RFC 6376 §6.1.1).
    init(_ tags: DKIMTagList) throws(DKIMSyntaxError) {
        self.tags = tags
        guard tags.text("v") == "1" else { throw DKIMSyntaxError("v= has to be 1") }
        for name in ["a", "b", "bh", "d", "h", "s"] where tags[name]?.isEmpty != false {
            throw DKIMSyntaxError("\(name)= is missing or empty")
        }
        algorithm = try Self.algorithm(tags)
        domain = (tags.text("d") ?? "").asciiLowercased()
        selector = (tags.text("s") ?? "").asciiLowercased()
        guard DKIMName.isValid(domain) else { throw DKIMSyntaxError("d= is not a domain") }
        guard DKIMName.isValid(selector),
            DKIMName.isValid(DKIMName.keyName(selector: selector, domain: domain))
        else { throw DKIMSyntaxError("s= is not a selector") }
        identity = try Self.identity(tags, domain: domain)
        guard let canonicalization = DKIMCanonicalization(tags.text("c") ?? "simple/simple") else {
            throw DKIMSyntaxError("c= names an unknown canonicalization")
        }
        self.canonicalization = canonicalization
        signedFieldNames = try Self.signedFieldNames(tags)
        signature = try tags.base64("b") ?? []
        bodyHash = try tags.base64("bh") ?? []
        guard bodyHash.count == SHA256Digest.length else { throw DKIMSyntaxError("bh= is not a SHA-256 hash") }
        bodyLength = try tags.number("l", digits: 76)
        timestamp = try tags.number("t", digits: 12)
        expiration = try tags.number("x", digits: 12)
        if let timestamp, let expiration, expiration <= timestamp {
            throw DKIMSyntaxError("x= is not after t=")
        }
        if let methods = try tags.list("q"), !methods.contains(where: { $0.asciiLowercased() == "dns/txt" }) {
            throw DKIMSyntaxError("q= names no query method that is known")
        }
    }

    private static func algorithm(_ tags: DKIMTagList) throws(DKIMSyntaxError) -> DKIMAlgorithm {
        let name = (tags.text("a") ?? "").asciiLowercased()
        if let algorithm = DKIMAlgorithm(rawValue: name) { return algorithm }
        throw DKIMSyntaxError(
            name == "rsa-sha1" ? "rsa-sha1 counts no longer (RFC 8301)" : "a= names an unknown algorithm")
    }

    /// `[Local-part] "@" domain-name` in quoted-printable, in the domain `d=` or below it (RFC 6376 §3.5).
    private static func identity(_ tags: DKIMTagList, domain: String) throws(DKIMSyntaxError) -> String {
        guard let value = tags["i"] else { return "@" + domain }
        guard let octets = quotedPrintable(value), let at = octets.lastIndex(of: UInt8(ascii: "@")),
            let identity = String(validating: octets, as: UTF8.self)
        else { throw DKIMSyntaxError("i= is not an identity") }
        let identityDomain = String(decoding: octets[(at + 1)...], as: UTF8.self).asciiLowercased()
        guard DKIMName.isValid(identityDomain), DKIMName.isSame(identityDomain, orBelow: domain) else {
            throw DKIMSyntaxError("i= is not in the domain of d=")
        }
        return identity
    }

    /// Decodes `dkim-quoted-printable` (RFC 6376 §2.11): white space does not count.
    private static func quotedPrintable(_ text: [UInt8]) -> [UInt8]? {
        var octets: [UInt8] = []
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte.isWhiteSpace || byte == 0x0D || byte == 0x0A { continue }
            guard byte == UInt8(ascii: "=") else {
                octets.append(byte)
                continue
            }
            guard index + 1 < text.count,
                let value = UInt8(String(decoding: text[index...index + 1], as: UTF8.self), radix: 16),
                text[index] != UInt8(ascii: "+"), text[index] != UInt8(ascii: "-")
            else { return nil }
            octets.append(value)
            index += 2
        }
        return octets
    }

    private static func signedFieldNames(_ tags: DKIMTagList) throws(DKIMSyntaxError) -> [String] {
        let names = (try tags.list("h") ?? []).map { $0.asciiLowercased() }
        guard names.allSatisfy({ $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) else {
            throw DKIMSyntaxError("h= holds something that is no field name")
        }
        guard names.contains("from") else { throw DKIMSyntaxError("h= does not name From") }
        return names
    }

    /// Holds the signature against a time (RFC 6376 §3.5, `x=`).
    ///
    /// - Throws: ``DKIMSyntaxError`` where it has expired.
    func check(at now: Timestamp) throws(DKIMSyntaxError) {
        if let expiration, Int64(expiration) < now.seconds { throw DKIMSyntaxError("the signature has expired (x=)") }
    }

    /// Whether `t=` is more than 5 minutes ahead: a clock is wrong then. It may be ignored, and is only told.
    func isFromTheFuture(at now: Timestamp) -> Bool {
        timestamp.map { Int64($0) > now.seconds + 300 } == true
    }
}
