// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("sluice queue salvage", .serialized, .timeLimit(.minutes(2))) struct SalvageControlTests {
    private func run(_ words: [String], state: String) throws -> (status: Int32, text: String) {
        let program = URL(filePath: try #require(WorkerPool.findExecutable())).deletingLastPathComponent().appending(
            path: "sluice"
        )
        .path(percentEncoded: false)
        return try runProgram(program, words + ["--state", state], in: FileManager.default.temporaryDirectory)
    }

    /// Damages the envelope of the first message in the journal: an octet of its sender's name, which stands there once
    /// in the record and once more in its decision record.
    private func damage(_ state: String) throws {
        let folder = state + "/journal"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let path = URL(filePath: folder + "/" + name)
            var octets = try Data(contentsOf: path)
            guard let place = octets.range(of: Data("victim".utf8)) else { continue }
            octets[place.lowerBound + 2] = UInt8(ascii: "C")
            try octets.write(to: path)
            return
        }
        Issue.record("no such message in the journal")
    }

    @Test("lists what damage has cost, writes it out, and brings it back, held, with a server or without")
    func salvage() async throws {
        let folder = try TemporaryFolder()
        let yaml = TestServer.yaml(sink: 1)
        let content = "Subject: lost\r\n\r\nand found\r\n"
        let (id, other, state) = try await TestServer.run(yaml, in: folder) { server in
            let id = try TestServer.id(try await server.send(content, from: "victim@client.test"))
            return (id, try TestServer.id(try await server.send()), server.state)
        }
        #expect(try run(["queue", "salvage"], state: state).text.hasPrefix("Nothing was set aside"))
        try damage(state)
        try await TestServer.run(yaml, in: folder) { server in
            #expect(try await server.ask("queue list").map { $0["id"]?.stringValue } == [other])
            let found = try #require(try await server.ask("queue salvage").first)
            #expect(found["id"]?.stringValue == id && found["content"] == "whole" && found["envelope"] == "damaged")
            let account = try #require(try await server.ask("account").first)
            #expect(account["unaccounted"] != 0)
            let listed = try run(["queue", "salvage", "--json"], state: state)
            #expect(listed.status == 0 && listed.text.contains(id))
        }
        let into = folder.path + "/out"
        #expect(try run(["queue", "salvage", "--json"], state: state).text.contains(id))
        #expect(try run(["queue", "salvage", "--into", into], state: state).status == 0)
        #expect(try String(contentsOfFile: "\(into)/\(id).eml", encoding: .utf8) == content)
        let octets = try Data(contentsOf: URL(filePath: "\(into)/\(id).json"))
        let value = try JSONReader.read(octets)
        #expect(value["recipients"]?.arrayValue?.first?["address"] == "anna@example.org")
        #expect(value["decision"]?["id"]?.stringValue == id)
        #expect(try run(["queue", "salvage", "--into", into], state: state).status == 75, "nothing is written over")
        let requeued = try run(["queue", "salvage", "--requeue", "--json"], state: state)
        #expect(requeued.status == 0 && requeued.text.contains("\"requeued\": 1"), "\(requeued.text)")
        #expect(try run(["queue", "salvage"], state: state).text.hasPrefix("Nothing was set aside"))
        let sink = try await Sink.start()
        try await TestServer.run(TestServer.yaml(sink: sink.port), in: folder) { server in
            let held = try #require(try await server.ask("queue list", ["state": "held"]).first)
            #expect(held["id"]?.stringValue == id)
            try await server.ask("queue release", ["id": id])
            let messages = try await sink.messages(atLeast: 1)
            #expect(messages.contains { $0.content.hasSuffix(content) })
        }
        try await sink.stop()
    }
}
