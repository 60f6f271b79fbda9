// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceNative
import Testing

@Suite("The resolver behind libunbound") struct UnboundResolverTests {
    /// Runs the body with a resolver that forwards to a name server with this zone.
    private func with(
        _ zone: [String: [NameServer.Behaviour]], deadline: Duration = .seconds(5), questionLimit: Int = 100,
        _ body: (UnboundResolver, NameServer) async throws -> Void
    ) async throws {
        let server = NameServer(zone)
        let address = try await server.start()
        let resolver = try UnboundResolver(
            .init(forwarders: [address], deadline: deadline, questionLimit: questionLimit))
        try await body(resolver, server)
        await resolver.shutdown()
        try await server.stop()
    }

    private func address(_ text: String) throws -> DNSRecordData { .address(try #require(IPAddress(text))) }

    @Test("records of every type come as values, with their time to live")
    func types() async throws {
        let zone: [String: [NameServer.Behaviour]] = [
            "mail.example.org": [
                .records(type: 1, [[192, 0, 2, 1], [192, 0, 2, 2]], timeToLive: 120),
                .records(type: 28, [[0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1]]),
            ],
            "example.org": [
                .records(type: 15, [[0, 10] + NameServer.wire("Mail.Example.org"), [0, 0, 0]]),
                .records(type: 16, [[3] + Array("one".utf8) + [0] + [2, 0xFF, 0x00]]),
            ],
            "1.2.0.192.in-addr.arpa": [.records(type: 12, [NameServer.wire("mail.example.org")])],
        ]
        try await with(zone) { resolver, _ in
            let a = await resolver.resolve(DNSQuestion("mail.example.org", .a))
            #expect(a.outcome == .records && a.timeToLive == 120 && !a.isSecure)
            let both = [try address("192.0.2.1"), try address("192.0.2.2")]
            #expect(Set(a.records) == Set(both))
            let aaaa = await resolver.resolve(DNSQuestion("MAIL.example.org.", .aaaa))
            let six = try address("2001:db8::1")
            #expect(aaaa.records == [six])
            let mx = await resolver.resolve(DNSQuestion("example.org", .mx))
            #expect(
                Set(mx.records) == [
                    .mailExchange(preference: 10, exchange: "mail.example.org"),
                    .mailExchange(preference: 0, exchange: ""),
                ])
            let txt = await resolver.resolve(DNSQuestion("example.org", .txt))
            #expect(txt.records == [.text([Array("one".utf8), [], [0xFF, 0x00]])])
            // Reverse zones of RFC 6303 are asked for like all others.
            let ptr = await resolver.resolve(DNSQuestion("1.2.0.192.in-addr.arpa", .ptr))
            #expect(ptr.records == [.name("mail.example.org")])
        }
    }

    @Test("no such name, no such type and a failing server are three outcomes")
    func outcomes() async throws {
        let zone: [String: [NameServer.Behaviour]] = [
            "here.example": [.records(type: 1, [[192, 0, 2, 1]])], "broken.example": [.code(2)],
            "refused.example": [.code(5)],
        ]
        try await with(zone) { resolver, _ in
            #expect(await resolver.resolve(DNSQuestion("nowhere.example", .a)).outcome == .nameError)
            #expect(await resolver.resolve(DNSQuestion("here.example", .mx)).outcome == .noData)
            #expect(await resolver.resolve(DNSQuestion("broken.example", .a)).outcome == .serverFailure)
            #expect(await resolver.resolve(DNSQuestion("refused.example", .a)).outcome == .serverFailure)
        }
    }

    @Test("an alias is followed")
    func alias() async throws {
        let zone: [String: [NameServer.Behaviour]] = [
            "www.example.org": [.alias(NameServer.wire("host.example.org"))],
            "host.example.org": [.records(type: 1, [[192, 0, 2, 7]])],
        ]
        try await with(zone) { resolver, _ in
            let target = try address("192.0.2.7")
            #expect(await resolver.resolve(DNSQuestion("www.example.org", .a)).records == [target])
        }
    }

    @Test("test., invalid., home.arpa. and private reverse zones are asked of the DNS, not made up")
    func localZones() async throws {
        let names = ["a.test", "a.invalid", "a.home.arpa", "1.0.0.127.in-addr.arpa", "1.1.168.192.in-addr.arpa"]
        let zone = Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, [NameServer.Behaviour.records(type: 16, [[2] + Array("ok".utf8)])])
            })
        try await with(zone) { resolver, _ in
            for name in names {
                let answer = await resolver.resolve(DNSQuestion(name, .txt))
                #expect(answer.texts == [Array("ok".utf8)], "\(name)")
            }
        }
    }

    @Test("an answer is kept, and the server asked once")
    func cache() async throws {
        try await with(["kept.example": [.records(type: 1, [[192, 0, 2, 1]])]]) { resolver, server in
            for _ in 0..<20 {
                #expect(await resolver.resolve(DNSQuestion("kept.example", .a)).outcome == .records)
            }
            #expect(server.count("kept.example") == 1)
        }
    }

    @Test("a silent server ends at the deadline, and others are answered meanwhile")
    func deadline() async throws {
        let zone: [String: [NameServer.Behaviour]] = [
            "silent.example": [.silence], "here.example": [.records(type: 1, [[192, 0, 2, 1]])],
        ]
        try await with(zone, deadline: .milliseconds(300)) { resolver, _ in
            let began = ContinuousClock.now
            async let silent = resolver.resolve(DNSQuestion("silent.example", .a))
            #expect(await resolver.resolve(DNSQuestion("here.example", .a)).outcome == .records)
            #expect(await silent.outcome == .timedOut)
            let took = ContinuousClock.now - began
            #expect(took >= .milliseconds(300) && took < .seconds(3), "\(took)")
        }
    }

    @Test("a cancelled task does not wait for the deadline")
    func cancellation() async throws {
        try await with(["silent.example": [.silence]], deadline: .seconds(60)) { resolver, _ in
            let began = ContinuousClock.now
            let task = Task { await resolver.resolve(DNSQuestion("silent.example", .a)) }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            #expect(await task.value.outcome == .timedOut)
            #expect(ContinuousClock.now - began < .seconds(5))
        }
    }

    @Test("a resolver that is shut down answers with a failure: what is under way and what comes after")
    func shutdown() async throws {
        try await with(["silent.example": [.silence]], deadline: .seconds(60)) { resolver, _ in
            async let pending = resolver.resolve(DNSQuestion("silent.example", .a))
            try await Task.sleep(for: .milliseconds(50))
            await resolver.shutdown()
            #expect(await pending.outcome == .serverFailure)
            #expect(await resolver.resolve(DNSQuestion("silent.example", .a)).outcome == .serverFailure)
            await resolver.shutdown()
        }
    }

    @Test("questions past the limit fail at once")
    func questionLimit() async throws {
        try await with(["silent.example": [.silence]], deadline: .milliseconds(400), questionLimit: 3) { resolver, _ in
            let outcomes = await withTaskGroup(of: DNSAnswer.Outcome.self) { group in
                for index in 0..<5 {
                    group.addTask { await resolver.resolve(DNSQuestion("\(index).silent.example", .a)).outcome }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == .serverFailure } >= 2)
        }
    }

    @Test("hundreds of questions at once are all answered")
    func many() async throws {
        var zone: [String: [NameServer.Behaviour]] = [:]
        for index in 0..<300 {
            zone["n\(index).example"] = [.records(type: 1, [[192, 0, UInt8(index / 256), UInt8(index % 256)]])]
        }
        try await with(zone, deadline: .seconds(20), questionLimit: 1000) { resolver, _ in
            let right = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<300 {
                    group.addTask {
                        let answer = await resolver.resolve(DNSQuestion("n\(index).example", .a))
                        return answer.addresses.map(\.octets) == [[192, 0, UInt8(index / 256), UInt8(index % 256)]]
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(right == 300)
        }
    }

    @Test("a name that no DNS message can hold does not exist, and nobody is asked")
    func badNames() async throws {
        try await with([:]) { resolver, server in
            let names = [
                "a..example", ".", "a b.example", "\u{E4}.example", String(repeating: "a", count: 64) + ".example",
            ]
            for name in names where name != "." {
                #expect(await resolver.resolve(DNSQuestion(name, .a)).outcome == .nameError, "\(name)")
                #expect(server.count(name) == 0)
            }
        }
    }

    @Test("a forwarder or trust anchors that can't be used are named")
    func badConfiguration() {
        #expect {
            try UnboundResolver(.init(forwarders: ["not an address"]))
        } throws: {
            "\($0)".contains("“not an address”")
        }
        #expect {
            try UnboundResolver(.init(trustAnchors: "/nowhere/root.key"))
        } throws: {
            "\($0)" == "the trust anchors /nowhere/root.key: No such file or directory"
        }
    }

    @Test("with trust anchors, an answer without the signatures that they ask for is a failure")
    func validation() async throws {
        let server = NameServer(["a.example": [.records(type: 1, [[192, 0, 2, 1]])]])
        let address = try await server.start()
        let file = "/tmp/sluice-test-\(UInt64.random(in: 0...UInt64.max)).key"
        let anchor = ". 3600 IN DS 20326 8 2 " + String(repeating: "E0", count: 32) + "\n"
        try anchor.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let resolver = try UnboundResolver(.init(forwarders: [address], trustAnchors: file))
        let answer = await resolver.resolve(DNSQuestion("a.example", .a))
        #expect(answer.outcome == .serverFailure && answer.records.isEmpty)
        await resolver.shutdown()
        try await server.stop()
    }
}
