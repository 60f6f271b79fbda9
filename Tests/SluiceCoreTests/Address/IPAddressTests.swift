// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceTesting
import Testing

@Suite("Addresses and networks")
struct IPAddressTests {
    @Test(
        "an address is written in its one form (RFC 5952)",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
            ("2001:DB8::1", "2001:db8::1"), ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
            ("2001:0db8:0000:0001:0000:0000:0000:0001", "2001:db8:0:1::1"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
            ("1:2:0:0:5:0:0:8", "1:2::5:0:0:8"), ("0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"),
            ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"), ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
            ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:c000:0201", "192.0.2.1"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ])
    func written(text: String, written: String) {
        #expect(IPAddress(text)?.description == written)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "1.2.3.+4", "1..2.3", "1.2.3.4 ", " 1.2.3.4",
            "0x1.2.3.4", "1.2.3.0004", "a.b.c.d", ":", ":::", "::1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7::8", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "12345::", "g::", "-1::", "+1::", "::1.2.3",
            "::1.2.3.4:5", "1.2.3.4::", "fe80::1%eth0", "[::1]", "::ffff:1.2.3.400",
        ])
    func refused(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("any address is read again from what is written")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 13)
        for _ in 0..<2_000 {
            // Many zeros, so that runs of them occur.
            let count = Bool.random(using: &random) ? 4 : 16
            let octets = random.octets(count, from: [0, 0, 0, 1, 0xFF, 0x10])
            let address = try #require(IPAddress(octets: octets))
            #expect(IPAddress(address.description) == address)
            #expect(IPAddress(literal: String(address.literal.dropFirst().dropLast())) == address)
        }
        #expect(IPAddress(octets: [1, 2, 3]) == nil)
        #expect(IPAddress(octets: []) == nil)
    }

    @Test("random text never traps")
    func randomText() {
        var random = SeededGenerator(seed: 14)
        let alphabet = Array("0123456789abf:::.../".utf8)
        for _ in 0..<20_000 {
            let text = String(
                decoding: random.octets(Int.random(in: 0...14, using: &random), from: alphabet), as: UTF8.self)
            if let address = IPAddress(text) { #expect(IPAddress(address.description) == address) }
            if let network = IPNetwork(text) { #expect(IPNetwork(network.description) == network) }
        }
    }

    @Test("an address literal names IPv6 and only that (RFC 5321 §4.1.3)")
    func literals() {
        #expect(IPAddress(literal: "192.0.2.1")?.literal == "[192.0.2.1]")
        #expect(IPAddress(literal: "ipv6:2001:DB8::1")?.literal == "[IPv6:2001:db8::1]")
        #expect(IPAddress(literal: "2001:db8::1") == nil)
        #expect(IPAddress(literal: "IPv6:192.0.2.1") == nil)
    }

    @Test(
        "loopback addresses are told",
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("128.0.0.1", false), ("::1", true), ("::2", false),
            ("::ffff:127.0.0.1", true),
        ])
    func loopback(text: String, isLoopback: Bool) {
        #expect(IPAddress(text)?.isLoopback == isLoopback)
    }

    @Test("the name for reverse look-ups is under in-addr.arpa or ip6.arpa")
    func reverseNames() {
        #expect(IPAddress("192.0.2.10")?.reverseName == "10.2.0.192.in-addr.arpa")
        #expect(
            IPAddress("2001:db8::567:89ab")?.reverseName
                == "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")
    }

    @Test("an address is stored as it is written")
    func codable() throws {
        let data = try JSONEncoder().encode([IPAddress("2001:db8::1")])
        #expect(try JSONDecoder().decode([IPAddress?].self, from: data) == [IPAddress("2001:db8::1")])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([IPAddress].self, from: Data("[\"1.2\"]".utf8)) }
    }

    @Test(
        "a network holds the addresses of its prefix",
        arguments: [
            ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.128/25", "192.0.2.127", false), ("192.0.2.128/25", "192.0.2.128", true),
            ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.1/32", "192.0.2.1", true),
            ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false), ("::/0", "192.0.2.1", false),
            ("10.0.0.0/9", "10.127.255.255", true), ("10.0.0.0/9", "10.128.0.0", false),
            ("2001:db8::/33", "2001:db8:7fff::", true), ("2001:db8::/33", "2001:db8:8000::", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
        ])
    func contains(network: String, address: String, isContained: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(#require(IPAddress(address))) == isContained)
    }

    @Test(
        "a network with host bits, a wrong prefix or no address is refused",
        arguments: [
            "192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/a", "/24", "", "::1/127", "::/129",
            "1.2.3.4/32/1",
        ])
    func badNetwork(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(
        "the network of an address keeps the prefix and clears the rest",
        arguments: [
            ("192.0.2.77", 24, "192.0.2.0/24"), ("192.0.2.77", 32, "192.0.2.77/32"), ("192.0.2.77", 0, "0.0.0.0/0"),
            ("192.0.2.77", 26, "192.0.2.64/26"), ("2001:db8:1:2:3::4", 64, "2001:db8:1:2::/64"),
            ("192.0.2.77", 99, "192.0.2.77/32"),
        ])
    func networkOfAddress(_ text: String, _ prefix: Int, _ network: String) throws {
        let address = try #require(IPAddress(text))
        #expect(IPNetwork(of: address, prefix: prefix).description == network)
        #expect(IPNetwork(of: address, prefix: prefix).contains(address))
    }
}
