// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Paths, mailboxes, addresses and ESMTP parameters: what is accepted is within the limits, holds nothing that could
/// end a command, and reads again as it is written.
enum AddressFuzz {
    static func run(_ octets: [UInt8]) {
        paths(octets)
        addresses(octets)
        parameters(octets)
        if let decoded = XText.decode(String(decoding: octets, as: UTF8.self)) {
            precondition(decoded.utf8.isPrintable, "xtext stands for \(decoded)")
        }
    }

    private static func paths(_ octets: [UInt8]) {
        var parser = PathParser(octets)
        if let path = parser.reversePath() {
            check(octets[..<parser.position])
            if let mailbox = path.mailbox { check(mailbox) }
            var again = PathParser(Array("<\(path.written)>".utf8))
            precondition(again.reversePath() == path && again.atEnd, "\(path) reads otherwise than it is written")
        }
        parser = PathParser(octets)
        if let mailbox = parser.forwardPath() {
            check(octets[..<parser.position])
            check(mailbox)
            var again = PathParser(Array("<\(mailbox.written)>".utf8))
            precondition(again.forwardPath() == mailbox && again.atEnd, "\(mailbox) reads otherwise than it is written")
        }
        parser = PathParser(octets)
        if let mailbox = parser.mailbox() { check(mailbox) }
        parser = PathParser(octets)
        if let domain = parser.domain() {
            precondition(domain.utf8.count <= 255, "a domain of \(domain.utf8.count) octets")
            check(Mailbox(localPart: "x", domain: domain))
        }
    }

    /// Control characters stand in no path.
    private static func check(_ octets: ArraySlice<UInt8>) {
        precondition(octets.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a control character was accepted")
    }

    private static func check(_ mailbox: Mailbox) {
        precondition(mailbox.localPart.utf8.count <= 64, "a local-part of \(mailbox.localPart.utf8.count) octets")
        precondition(mailbox.domain.utf8.count <= 255, "a domain of \(mailbox.domain.utf8.count) octets")
        check(Array(mailbox.written.utf8)[...])
        guard let again = Mailbox(mailbox.written) else { preconditionFailure("\(mailbox) does not read again") }
        // By octets: as text, forms that Unicode calls equivalent would be equal.
        precondition(
            again.localPart.utf8.elementsEqual(mailbox.localPart.utf8)
                && again.domain.utf8.elementsEqual(mailbox.domain.utf8), "\(mailbox) was read as \(again)")
    }

    private static func addresses(_ octets: [UInt8]) {
        let text = String(decoding: octets, as: UTF8.self)
        for address in [IPAddress(text), IPAddress(literal: text)].compactMap({ $0 }) {
            precondition(IPAddress(address.description) == address, "\(address) reads otherwise than it is written")
            precondition(
                IPAddress(literal: String(address.literal.dropFirst().dropLast())) == address,
                "\(address.literal) reads otherwise than it is written")
            precondition(text.utf8.isPrintable, "an address that is not ASCII was accepted")
        }
        if let network = IPNetwork(text) {
            precondition(IPNetwork(network.description) == network && network.contains(network.address), "\(network)")
            precondition(IPNetwork(of: network.address, prefix: network.prefix) == network, "\(network)")
        }
    }

    private static func parameters(_ octets: [UInt8]) {
        guard let parameters = ESMTPParameters(octets) else { return }
        precondition(ESMTPParameters(parameters.written.utf8) == parameters, "\(parameters.written)")
        precondition(parameters.written.utf8.isPrintable, "parameters with \(parameters.written)")
        var dsn = DSNParameters()
        if dsn.take(parameters) {
            var again = DSNParameters()
            guard let written = ESMTPParameters(dsn.written.joined(separator: " ").utf8) else {
                preconditionFailure("\(dsn.written) does not read again")
            }
            again.take(written)
            precondition(again == dsn, "\(dsn.written) was read as \(again.written)")
        }
        let recipient = RecipientDSNParameters(parameters)
        if recipient != RecipientDSNParameters() {
            let written = ESMTPParameters(recipient.written.joined(separator: " ").utf8)
            precondition(written.map { RecipientDSNParameters($0) } == recipient, "\(recipient.written)")
        }
        precondition(parameters.over(parameters) == parameters, "\(parameters.written) over itself")
    }

    static var seeds: [[UInt8]] {
        [
            "<>", "<a@b.test>", "<\"a b\\\"c\"@b.test>", "<@a.test,@b.test:c@d.test>", "<postmaster>", "postmaster@x",
            "a.b+c@[192.0.2.1]", "x@[IPv6:2001:db8::1]", "192.0.2.1", "2001:db8::192.0.2.1", "::ffff:192.0.2.1", "::",
            "192.0.2.0/24", "2001:db8::/32", "\"\"@b", "\u{FC}@b\u{FC}cher.test",
            "SIZE=1 BODY=8BITMIME RET=FULL ENVID=a+2Bb",
            "NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+40b", "NOTIFY=NEVER", "a+2Bb+3D", "\"\\\u{7F}\"@b",
        ].map { Array($0.utf8) }
    }
}
