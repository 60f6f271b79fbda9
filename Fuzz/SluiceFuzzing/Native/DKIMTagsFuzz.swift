// SPDX-License-Identifier: Apache-2.0
import SluiceNative

/// The tag-lists of DKIM signatures and key records: what is read can be written, and reads the same again.
enum DKIMTagsFuzz {
    static func run(_ octets: [UInt8]) {
        let tags: DKIMTagList
        do {
            tags = try DKIMTagList(octets)
        } catch {
            precondition(error.reason.utf8.isPrintable && error.reason.utf8.count < 200, "\(error)")
            return
        }
        precondition(octets.count <= DKIMTagList.lengthLimit, "a list past the limit was read")
        precondition(!tags.names.isEmpty && Set(tags.names).count == tags.names.count, "\(tags.names)")
        var written: [UInt8] = []
        for name in tags.names {
            guard let value = tags[name] else { preconditionFailure("\(name) has no value") }
            precondition(!value.contains(UInt8(ascii: ";")), "\(name) holds a semicolon")
            precondition(value.allSatisfy { $0 >= 0x20 || [0x09, 0x0A, 0x0D].contains($0) }, "\(name) holds a control")
            written += Array(name.utf8) + [UInt8(ascii: "=")] + value + [UInt8(ascii: ";")]
        }
        let again = try? DKIMTagList(written)
        precondition(again?.names == tags.names, "\(tags.names) were written and read as \(String(describing: again))")
        for name in tags.names { precondition(again?[name] == tags[name], "\(name)= has another value") }

        guard let range = tags.signatureValueRange else {
            precondition(tags["b"] == nil, "nothing is left out where the signature is hashed")
            return
        }
        // Without its value the list says the same but for it.
        let rest = try? DKIMTagList(octets[..<range.lowerBound] + octets[range.upperBound...])
        precondition(rest?.names == tags.names && rest?["b"] == [], "more than the signature is left out")
        for name in tags.names where name != "b" { precondition(rest?[name] == tags[name], "\(name)= was touched") }
    }

    static var seeds: [[UInt8]] {
        [
            "v=1; a=rsa-sha256; c=relaxed/simple; d=example.test; s=sel;\r\n"
                + "\th=from : to:subject; bh=AAAA=; b=QUJD\r\n RA==",
            "v=DKIM1; k=ed25519; p=AAAA; t=y:s", "p=;", "b =x;c", "b=\r\n x\r\n ;h=", "a=1;a=2", "\u{FC}=1",
            "n=\u{FC};b=1 ", "a_1=b=c;",
            " a = b ; ", "", ";", "b=;b=",
        ].map { Array($0.utf8) }
    }
}
