// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@Suite("Notifications over sockets", .timeLimit(.minutes(1))) struct NotificationEndToEndTests {
    @Test(
        "a bounce is signed where a stage dkim-sign has a key for our name, and not where none has",
        arguments: ["example.org", "elsewhere.test"])
    func signed(_ domain: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write(String(decoding: try DKIMKey.generate(.ed25519SHA256).pem, as: UTF8.self), to: "s1.pem")
        let sink = try await Sink.start(
            SinkScript {
                if case .recipient("gone@example.org") = $0 { .reply("550 5.1.1 no such user") } else { nil }
            })
        let yaml = TestServer.yaml(
            sink: sink.port,
            trusted: "[{dkim-sign: {keys: [{domain: \(domain), selector: s1, file: s1.pem}]}}]")
        try await TestServer.run(yaml, in: folder) { server in
            #expect(try await server.send(to: ["gone@example.org"]).hasPrefix("250"))
            let notice = try #require(try await sink.messages(atLeast: 1).first)
            #expect(notice.reversePath == "" && notice.recipients == ["sender@client.test"])
            #expect(notice.field("Received")?.hasPrefix("by mx.example.org id ") == true)
            if domain == "example.org" {
                #expect(notice.content.hasPrefix("DKIM-Signature:"))
                #expect(notice.content.contains("d=example.org;"))
            } else {
                #expect(notice.field("DKIM-Signature") == nil)
            }
        }
        try await sink.stop()
    }
}
