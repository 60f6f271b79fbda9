// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceNative
import SluiceServer
import SluiceTesting

/// A server with an SMTP listener and a milter listener before the same two chains, and messages sent to both.
struct BothDoors: Sendable {
    let server: TestServer
    let sink: Sink

    /// What became of a message at one door, without what can't be the same: ids, times, and who received it.
    struct Result: Equatable, Sendable {
        var disposition: String
        /// Code and enhanced code.
        var reply: String
        /// What the record says of findings, authentication and stages.
        var record: [String: String]
        /// To whom it goes, with what; nil where it does not go on.
        var delivered: [String]?
        var fields: [String]?
        var body: String?
    }

    /// A key for what is signed before it comes to us, and one for what we sign.
    struct Keys: Sendable {
        let partner: DKIMKey
        let signer: DKIMSigner

        init() throws {
            partner = try DKIMKey.generate(.ed25519SHA256)
            signer = try DKIMSigner(domain: "partner.test", selector: "s1", key: partner, pool: CPUPool(threads: 1))
        }
    }

    static let login = "bob"
    static let password = "correct horse"

    static func run(_ keys: Keys, _ body: @escaping @Sendable (BothDoors) async throws -> Void) async throws {
        let sink = try await Sink.start()
        let folder = try TemporaryFolder()
        try TestCertificate.write(toFolder: folder.path)
        var users = UsersFile()
        users.set(login, try SCRAMVerifier(password: password, iterations: 4096))
        try users.write(to: folder.path + "/users.txt")
        try folder.write(
            String(decoding: DKIMKey.generate(.ed25519SHA256).pem, as: UTF8.self), to: "s1.pem")
        let zone = TestZone([
            "1.0.0.127.in-addr.arpa": ["PTR client.test"], "client.test": ["A 127.0.0.1"],
            "partner.test": ["TXT v=spf1 ip4:127.0.0.1 -all"], "bank.test": ["TXT v=spf1 -all"],
            "s1._domainkey.partner.test": ["TXT \(keys.partner.record)"],
        ])
        let pipelines = "pipeline: {untrusted: inbound, trusted: outbound}"
        let yaml = """
            hostname: mx.example.org
            state: state
            listeners:
              - {name: mx, protocol: smtp, address: "127.0.0.1:0", \(pipelines), certificate: mx.pem, key: mx.key, users: users.txt}
              - {name: mta, protocol: milter, address: "127.0.0.1:0", \(pipelines), quarantine: mta}
            relay:
              domains: {example.org: {route: "smtp://127.0.0.1:\(sink.port)", recipients: any}}
              default_route: "smtp://127.0.0.1:\(sink.port)"
            pipelines:
              inbound: [{spf: {fail: quarantine}}, {dkim-verify: {}}, {virus: {infected: reject, database: embedded}}, {spam: {}}]
              outbound: [{dkim-sign: {keys: [{domain: example.org, selector: s1, file: s1.pem}]}}]
            """
        try await TestServer.run(yaml, in: folder, resolver: zone) { server in
            try await body(BothDoors(server: server, sink: sink))
        }
        try await sink.stop()
    }

    // MARK: The SMTP door

    func bySMTP(_ mail: GeneratedMail) async throws -> Result {
        let dialogue = try await server.greeted()
        if mail.hasLogin {
            try await dialogue.startTLS()
            try await dialogue.send("EHLO client.test", expect: "250")
            let answer = Data("\u{0}\(Self.login)\u{0}\(Self.password)".utf8).base64EncodedString()
            try await dialogue.send("AUTH PLAIN \(answer)", expect: "235")
        }
        try await dialogue.send("MAIL FROM:<\(mail.sender)>", expect: "250")
        for recipient in mail.recipients { try await dialogue.send("RCPT TO:<\(recipient)>", expect: "250") }
        try await dialogue.send("DATA", expect: "354")
        try await dialogue.send(ByteBuffer(bytes: Self.stuffed(mail.content)))
        let reply = try await dialogue.reply().last ?? ""
        try await dialogue.send("QUIT", expect: "221")
        try await dialogue.close()
        let id = try TestServer.id(reply)
        let trace = try await server.settled(id)
        var result = Result(trace)
        if trace["disposition"] == "deliver" {
            let arrived = sink.messages.filter { $0.content.contains(" id \(id)") }
            result.delivered = arrived.flatMap(\.recipients).sorted()
            result.add(MTAContent(Array(arrived.first?.content.utf8 ?? "".utf8)))
        }
        return result
    }

    /// RFC 5321 §4.5.2.
    private static func stuffed(_ content: [UInt8]) -> [UInt8] {
        var stuffed: [UInt8] = []
        for octet in content {
            if octet == 0x2E, stuffed.isEmpty || stuffed.last == 0x0A { stuffed.append(0x2E) }
            stuffed.append(octet)
        }
        return stuffed + Array(".\r\n".utf8)
    }

    // MARK: The milter door

    func byMilter(_ mail: GeneratedMail, over session: MTASession) async throws -> Result {
        var client = MTAClient()
        client.address = "127.0.0.1"
        let outcome = await session.send(mail.message(client: client, helo: "client.test"))
        try await session.quitForNewConnection()
        guard outcome.violations.isEmpty, outcome.isJudged else {
            throw TestServer.Failure(description: "\(outcome.step) \(outcome.disposition) \(outcome.violations)")
        }
        var result = Result(try await trace(queueID: "4gBOTH\(mail.number)"))
        result.reply = Result.codes(of: outcome.reply)
        if outcome.isAccepted {
            result.delivered = outcome.recipients.map(\.address).sorted()
            result.add(MTAContent(Array(String(decoding: outcome.content.octets, as: UTF8.self).utf8)))
        }
        return result
    }

    private func trace(queueID: String) async throws -> JSONValue {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            // The index is written behind.
            let found = try await server.ask("trace find", ["query": "{\"term\": \"\(queueID)\", \"limit\": 2}"])
            if let id = found.first?["id"]?.stringValue {
                return try await server.ask("trace show", ["id": id]).first ?? .null
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestServer.Failure(description: "no trace of \(queueID)")
    }
}

extension BothDoors.Result {
    /// What the record says.
    init(_ trace: JSONValue) {
        disposition = trace["disposition"]?.stringValue ?? "none"
        reply = Self.codes(
            of: "\(trace["reply"]?["code"]?.integerValue ?? 0) \(trace["reply"]?["enhanced"]?.stringValue ?? "")")
        record = [:]
        for name in ["score", "required", "findings", "turned_on", "authentication_results", "reverse_path", "size"] {
            record[name] = trace[name]?.written
        }
        record["stages"] = trace["stages"]?.arrayValue?.map { stage in
            ["name", "outcome", "verdict", "policy", "reason"].map { stage[$0]?.written ?? "" }.joined(separator: " ")
        }.joined(separator: ", ")
        record["recipients"] = trace["recipients"]?.arrayValue?.map {
            "\($0["address"]?.written ?? "") \($0["disposition"]?.written ?? "")"
        }.joined(separator: ", ")
    }

    /// Code and enhanced code of a reply; all positive ones are alike, as the MTA has its own words.
    static func codes(of reply: String) -> String {
        reply.hasPrefix("2") ? "2" : reply.split { " -".contains($0) }.prefix(2).joined(separator: " ")
    }

    /// The content that goes on, without the Received field of who received it, and without what says the time.
    mutating func add(_ content: MTAContent) {
        var fields = content.fields.map(\.description)
        if fields.first?.hasPrefix("Received: from client.test") == true { fields.removeFirst() }
        self.fields = fields.map { field in
            guard field.hasPrefix("DKIM-Signature:"), field.contains("d=example.org") else { return field }
            return field.replacing(#/t=\d+/#, with: "t=").replacing(#/b=[^;]*$/#, with: "b=")
        }
        body = String(decoding: content.body, as: UTF8.self)
    }

    /// Where two differ, in words.
    func differences(from other: Self) -> [String] {
        var found: [String] = []
        func compare<Value: Equatable>(_ name: String, _ one: Value, _ two: Value) {
            if one != two { found.append("\(name): \(one) | \(two)") }
        }
        compare("disposition", disposition, other.disposition)
        compare("reply", reply, other.reply)
        for name in Set(record.keys).union(other.record.keys).sorted() {
            compare(name, record[name], other.record[name])
        }
        compare("recipients", delivered, other.delivered)
        compare("fields", fields, other.fields)
        compare("body", body, other.body)
        return found
    }
}
