// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceNative

@Suite("Verifying DKIM signatures (RFC 6376 §6)") struct DKIMVerifierTests {
    @Test("what was signed verifies", arguments: DKIMAlgorithm.allCases, DKIMFixture.canonicalizations)
    func roundTrip(algorithm: DKIMAlgorithm, canonicalization: DKIMCanonicalization) async throws {
        let key = try DKIMFixture.key(algorithm)
        for body in [
            "", "\r\n", "no line end", "a \r\n\r\nb\t \r\n\r\n\r\n", String(repeating: "0123 \t4567\r\n", count: 12000),
        ] {
            let signed = try await DKIMFixture.signed("From: a@example.org\r\n\r\n" + body, key, canonicalization)
            let results = try await DKIMFixture.verify(signed, DKIMFixture.zone(key.record))
            #expect(results.map(\.result) == [.pass], "\(body.prefix(20).debugDescription)")
            #expect(results.first?.domain == "example.org")
            #expect(results.first?.selector == "s1")
            #expect(results.first?.algorithm == algorithm.rawValue)
            #expect(results.first?.identity == "@example.org")
            #expect(results.first?.signaturePrefix?.count == 8)
            #expect(results.first?.reason == nil)
        }
    }

    @Test("a signed octet that was changed is found", arguments: DKIMAlgorithm.allCases)
    func changedOctet(algorithm: DKIMAlgorithm) async throws {
        let key = try DKIMFixture.key(algorithm)
        let signed = try DKIMFixture.octets(
            try await DKIMFixture.signed(key, DKIMCanonicalization(header: .simple, body: .simple)))
        let zone = DKIMFixture.zone(key.record)
        let from = try #require(signed.firstRange(of: "From: Ann".utf8)).lowerBound
        var random = SeededGenerator(seed: 5)
        for _ in 0..<40 {
            var changed = signed
            let index = Int.random(in: from..<signed.count - 4, using: &random)
            changed[index] = changed[index] == UInt8(ascii: "q") ? UInt8(ascii: "r") : UInt8(ascii: "q")
            let results = try await DKIMFixture.verify(try Message(MemoryContent(ByteBuffer(bytes: changed))), zone)
            #expect(results.map(\.result) != [.pass], "octet \(index) was \(signed[index])")
        }
    }

    @Test("a field that is added under a signed name is found only where the name is oversigned")
    func addedFields() async throws {
        let key = try DKIMFixture.key()
        let signed = try await DKIMFixture.signed(key)
        let zone = DKIMFixture.zone(key.record)
        for (name, result) in [("From", DKIMSignatureResult.Result.fail), ("X-Other", .pass)] {
            let edited = signed.applying([.addField(name: name, value: "eve@example.net", position: 0)])
            #expect(try await DKIMFixture.verify(edited, zone).map(\.result) == [result])
        }
    }

    @Test("messages that another implementation signed", arguments: DKIMVectors.all)
    func vectors(vector: DKIMVectors.Vector) async throws {
        let zone = ZoneResolver([
            "s1._domainkey.example.org": DKIMFixture.record(DKIMVectors.record),
            "s1._domainkey.b\u{FC}cher.example": DKIMFixture.record(DKIMVectors.record),
        ])
        let results = try await DKIMFixture.verify(
            try DKIMFixture.message(vector.message), zone, at: Timestamp(seconds: DKIMVectors.now))
        #expect(results.map(\.result.rawValue) == vector.results, "\(results.map(\.reason))")
    }

    @Test("an unsigned message has no results")
    func unsigned() async throws {
        #expect(try await DKIMFixture.verify(try DKIMFixture.message(), ZoneResolver([:])).isEmpty)
    }

    @Test("one signature that can't be read spoils no other")
    func unreadable() async throws {
        let key = try DKIMFixture.key()
        var message = try await DKIMFixture.signed(key)
        for value in ["rubbish", "v=1; a=rsa-sha1; d=example.org; s=old; h=from; bh=AAAA; b=AAAA", ""] {
            message = message.applying([.addField(name: "dkim-SIGNATURE", value: value, position: 0)])
        }
        let results = try await DKIMFixture.verify(message, DKIMFixture.zone(key.record))
        #expect(results.map(\.result) == [.permerror, .permerror, .permerror, .pass])
        #expect(results[1].reason == "rsa-sha1 counts no longer (RFC 8301)")
        #expect(results[1].selector == "old")
        #expect(results[0].domain == nil)
    }

    @Test("a key that is not there is for good, a DNS that fails is not")
    func missingKeys() async throws {
        let signed = try await DKIMFixture.signed(try DKIMFixture.key())
        let name = "s1._domainkey.example.org"
        for (entries, result) in [
            ([:], DKIMSignatureResult.Result.permerror), ([name: [.record(.a, .name("x"))]], .permerror),
            ([name: [.timeout]], .temperror), ([name: [.serverFailure]], .temperror),
        ] as [([String: [ZoneResolver.Entry]], DKIMSignatureResult.Result)] {
            let results = try await DKIMFixture.verify(signed, ZoneResolver(entries))
            #expect(results.map(\.result) == [result])
            #expect(results.first?.reason != nil)
        }
    }

    @Test("of several records at one name the one that fits counts, in any order")
    func severalRecords() async throws {
        let key = try DKIMFixture.key()
        let other = try DKIMKey.generate(.rsaSHA256, bits: 1024)
        let signed = try await DKIMFixture.signed(key)
        let zones = [
            DKIMFixture.zone(key.record, "v=spf1 -all"), DKIMFixture.zone("v=spf1 -all", key.record),
            DKIMFixture.zone(other.record, key.record), DKIMFixture.zone(key.record, other.record),
        ]
        for zone in zones { #expect(try await DKIMFixture.verify(signed, zone).map(\.result) == [.pass]) }
        let wrong = try await DKIMFixture.verify(signed, DKIMFixture.zone("v=spf1 -all", other.record))
        #expect(wrong.map(\.result) == [.fail])
        // Beyond the limit no record is tried.
        var limits = DKIMVerifier.Limits()
        limits.keyRecords = 1
        let limited = try await DKIMFixture.verify(signed, DKIMFixture.zone(other.record, key.record), limits: limits)
        #expect(limited.map(\.result) == [.fail])
    }

    @Test("a key record in pieces is one record")
    func pieces() async throws {
        let key = try DKIMFixture.key()
        #expect(key.recordStrings.count == 2)
        let zone = ZoneResolver([
            "s1._domainkey.example.org": [.record(.txt, .text(key.recordStrings.map { Array($0.utf8) }))]
        ])
        #expect(try await DKIMFixture.verify(try await DKIMFixture.signed(key), zone).map(\.result) == [.pass])
    }

    @Test("a key in test mode is told")
    func testMode() async throws {
        let key = try DKIMFixture.key()
        let results = try await DKIMFixture.verify(
            try await DKIMFixture.signed(key), DKIMFixture.zone(key.record + "; t=y"))
        #expect(results.map(\.testing) == [true])
        #expect(results.map(\.result) == [.pass])
    }

    @Test("a signature from the future passes, and that is told")
    func future() async throws {
        let key = try DKIMFixture.key()
        let signed = try await DKIMFixture.signed(key, at: Timestamp(seconds: DKIMFixture.now.seconds + 301))
        let results = try await DKIMFixture.verify(signed, DKIMFixture.zone(key.record))
        #expect(results.map(\.result) == [.pass])
        #expect(results.first?.reason == "it is from the future (t=)")
    }

    @Test("signatures beyond the limit are told as not verified")
    func manySignatures() async throws {
        let key = try DKIMFixture.key(.ed25519SHA256)
        var message = try await DKIMFixture.signed(key)
        let value = try #require(message.header.first("DKIM-Signature")).value
        for _ in 0..<4 { message = message.applying([.addField(name: "DKIM-Signature", value: value, position: 0)]) }
        var limits = DKIMVerifier.Limits()
        limits.signatures = 3
        let results = try await DKIMFixture.verify(message, DKIMFixture.zone(key.record), limits: limits)
        #expect(results.map(\.result) == [.pass, .pass, .pass, .neutral, .neutral])
        #expect(results.last?.reason == "not verified: 3 signatures of this message were")
        // A large body is not hashed any number of times, but once always.
        limits.bodyOctets = 1
        let once = try await DKIMFixture.verify(message, DKIMFixture.zone(key.record), limits: limits)
        #expect(once.map(\.result) == [.pass, .neutral, .neutral, .neutral, .neutral])
    }

    @Test("a million octets of signatures that can't be read are read in no time")
    func hugeHeader() async throws {
        let text = String(repeating: "DKIM-Signature: x\r\n", count: 20000) + "From: a@example.org\r\n\r\n"
        let results = try await DKIMFixture.verify(try DKIMFixture.message(text), ZoneResolver([:]))
        #expect(results.count == 20000)
        #expect(results.allSatisfy { $0.result == .permerror })
    }

    @Test("every key is asked for once")
    func questions() async throws {
        let key = try DKIMFixture.key(.ed25519SHA256)
        var message = try await DKIMFixture.signed(key)
        let value = try #require(message.header.first("DKIM-Signature")).value
        message = message.applying([.addField(name: "DKIM-Signature", value: value, position: 0)])
        let counter = CountingResolver(DKIMFixture.zone(key.record))
        #expect(try await DKIMFixture.verify(message, counter).count == 2)
        #expect(await counter.questions == [DNSQuestion("s1._domainkey.example.org", .txt)])
    }
}

/// Notes what it is asked.
private actor CountingResolver: Resolver {
    private let resolver: ZoneResolver
    private(set) var questions: [DNSQuestion] = []
    init(_ resolver: ZoneResolver) { self.resolver = resolver }
    func resolve(_ question: DNSQuestion) async -> DNSAnswer {
        questions.append(question)
        return await resolver.resolve(question)
    }
}
