// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

/// Content that is meant to hurt, through the chain of a real server: each gets a clear reply, and the service goes on.
@Suite("Bad content", .timeLimit(.minutes(5))) struct BadContentTests {
    private static let chain = "[{spf: {}}, {dkim-verify: {}}, {spam: {}}]"
    private static let header = "From: <a@client.test>\r\nTo: <anna@example.org>\r\nSubject: x\r\nMIME-Version: 1.0\r\n"

    private static func typed(_ type: String, _ unit: String, octets: Int = 500_000) -> String {
        header + "Content-Type: \(type)\r\n\r\n" + String(repeating: unit, count: octets / unit.utf8.count) + "\r\n"
    }

    private static func line(_ unit: String) -> String {
        String(repeating: unit, count: 900 / unit.utf8.count) + "\r\n"
    }

    /// A multipart in a multipart in a multipart….
    private static func nested(_ depth: Int) -> String {
        let parts = (0..<depth).map { "--b\($0)\r\nContent-Type: multipart/mixed; boundary=b\($0 + 1)\r\n\r\n" }
        return header + "Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + parts.joined()
            + "--b\(depth)\r\n\r\nhi\r\n"
    }

    /// What each is, the content, and how the reply begins.
    static var contents: [(what: String, content: String, reply: String)] {
        let delimited = "multipart/mixed; boundary=b"
        return [
            ("a line of 2.5 MB", header + "\r\n" + String(repeating: "x", count: 2_500_000) + "\r\n", "554 5.6.0"),
            ("a hundred thousand fields", String(repeating: "X-F: 1\r\n", count: 100_000) + "\r\nx\r\n", "552 5.3.4"),
            ("fields that all have to go", String(repeating: "X-Spam-A:1\r\n", count: 15_000) + "\r\nx\r\n", "250"),
            ("a NUL", header + "\r\nnul \0 here\r\n", "554 5.6.0"),
            ("a bare LF", header + "\r\nbare \n here\r\n", "554 5.6.0"),
            ("a bare CR", header + "\r\nbare \r here\r\n", "554 5.6.0"),
            ("nothing", "", "250"),
            ("no header section", "no header at all\r\n", "250"),
            ("nested a thousand deep", nested(1000), "250"),
            (
                "messages in messages", header + String(repeating: "Content-Type: message/rfc822\r\n\r\n", count: 1000),
                "250"
            ),
            (
                "truncated base64",
                header + "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBBQA\r\nAA=A\r\n",
                "250"
            ),
            ("all <", typed("text/html", line("<")), "250"),
            ("all http://", typed("text/plain", line("http://")), "250"),
            ("all links", typed("text/html", line("<a href=http://a.b/>")), "250"),
            ("all tags", typed("text/html", "<div>\r\n"), "250"),
            ("all entities", typed("text/html", line("&amp;")), "250"),
            ("all addresses", typed("text/plain", line("user@example.com ")), "250"),
            ("all delimiters", typed(delimited, "--b\r\n"), "250"),
            ("all empty parts", typed(delimited, "--b\r\n\r\n"), "250"),
            ("all empty lines", typed("text/plain", "\r\n"), "250"),
        ]
    }

    @Test("each gets the reply that it should, within the time, and the next message is taken")
    func replies() async throws {
        let sink = try await Sink.start()
        try await TestServer.run(
            TestServer.yaml(sink: sink.port, untrusted: Self.chain), in: try TemporaryFolder()
        ) { server in
            for (what, content, expected) in Self.contents {
                let begin = ContinuousClock.now
                let reply = try await server.send(content)
                #expect(reply.hasPrefix(expected), "\(what): \(reply)")
                #expect(ContinuousClock.now - begin < .seconds(60), "\(what)")
            }
            #expect(try await server.send().hasPrefix("250"))
            let accepted = Self.contents.filter { $0.reply == "250" }.count + 1
            _ = try await sink.messages(atLeast: accepted)
            let account = try #require(try await server.ask("account").first)
            #expect(account["accepted"]?.integerValue == Int64(accepted))
            #expect(account["unaccounted"] == 0 && account["chain"] == "intact")
        }
        try await sink.stop()
    }

    @Test("heavy messages at once, more than there are threads, do not keep others waiting until their time is up")
    func others() async throws {
        let sink = try await Sink.start()
        let chain = "[{spam: {timeout: 60s}}]"
        try await TestServer.run(TestServer.yaml(sink: sink.port, untrusted: chain), in: try TemporaryFolder()) {
            server in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await server.send(Self.typed("text/html", Self.line("<a href=http://a.b/>"))) }
                }
                group.addTask { try await server.send() }
                for try await reply in group { #expect(reply.hasPrefix("250"), "\(reply)") }
            }
        }
        try await sink.stop()
    }
}
