// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import Testing

@testable import SluiceServer

extension MilterConfiguration {
    /// The configuration of a milter listener with these keys, in YAML's flow style.
    static func reading(_ keys: String) throws -> MilterConfiguration {
        let reading = ServerConfiguration.read(
            """
            hostname: mx.example.org
            state: /s
            listeners: [{name: mta, protocol: milter, address: "unix:/run/m.sock", pipeline: p, \(keys)}]
            pipelines: {p: []}
            """, file: "sluice.yml", directory: "")
        return try #require(reading.configuration?.listeners.first?.milter)
    }
}

@Suite("A milter listener's configuration") struct MilterConfigurationTests {
    private func read(_ listener: String, more: String = "") -> ServerConfiguration.Reading {
        ServerConfiguration.read(
            """
            hostname: mx.example.org
            state: /s
            listeners: [{name: mta, pipeline: p, \(listener)}]
            pipelines: {p: []}
            \(more)
            """, file: "sluice.yml", directory: "/etc/sluice")
    }

    private func messages(_ listener: String, more: String = "") -> [String] {
        read(listener, more: more).diagnostics.map(\.message)
    }

    @Test("has a socket or a port, the MTA's hold queue, and the strictest for all, unless it says otherwise")
    func defaults() throws {
        let socket = try #require(read("protocol: milter, address: \"unix:run/m.sock\"").configuration?.listeners.first)
        let milter = try #require(socket.milter)
        #expect(milter.socket == "/etc/sluice/run/m.sock" && milter.mode == 0o660)
        #expect(milter.quarantine == .mta && milter.reinject == nil && milter.recipientsDiffer == .strictest)
        let port = try #require(read("protocol: milter, address: \"127.0.0.1:8890\"").configuration?.listeners.first)
        #expect(port.host == "127.0.0.1" && port.port == 8890 && port.milter?.socket == nil)
    }

    @Test("needs no relay section, and no warning about one, where nothing is relayed")
    func withoutRelay() {
        #expect(messages("protocol: milter, address: \"127.0.0.1:8890\"").isEmpty)
    }

    @Test(
        "is told what is wrong and what would be right",
        arguments: [
            ("protocol: milter, address: \"unix:\"", "address is “unix:”"),
            ("protocol: milter, address: \"unix:/\(String(repeating: "x", count: 120))\"", "at most 107 octets"),
            ("protocol: milter, address: nowhere", "address is “nowhere”"),
            ("protocol: milter, address: \"unix:/m\", mode: rw", "mode is “rw”"),
            ("protocol: milter, address: \"127.0.0.1:1\", mode: \"0600\"", "mode without a Unix socket"),
            ("protocol: milter, address: \"unix:/m\", quarantine: take_over", "take_over without reinject"),
            ("protocol: milter, address: \"unix:/m\", quarantine: take_over, reinject: mx", "reinject is no route"),
            ("protocol: milter, address: \"unix:/m\", reinject: \"smtp://127.0.0.1:1\"", "nothing is taken over"),
            ("protocol: milter, address: \"unix:/m\", quarantine: hold", "quarantine is “hold”"),
            ("protocol: milter, address: \"unix:/m\", users: u.txt", "users on a milter listener"),
            ("protocol: milter, address: \"unix:/m\", certificate: c.pem", "certificate on a milter listener"),
        ])
    func mistakes(_ listener: String, _ words: String) {
        let found = messages(listener)
        #expect(found.count == 1 && found.first?.contains(words) == true, "\(found)")
    }

    @Test(
        "keeps its keys to itself",
        arguments: ["mode: \"0660\"", "quarantine: mta", "reinject: mx", "recipients_differ: strictest"])
    func others(_ key: String) {
        let relay = "relay: {domains: {example.org: \"smtp://192.0.2.5\"}, default_route: mx}"
        let found = messages("protocol: smtp, address: \"127.0.0.1:2525\", \(key)", more: relay)
        #expect(found.count == 1 && found.first?.contains("for protocol milter alone") == true, "\(found)")
        #expect(messages("protocol: smtp, address: \"unix:/m\"", more: relay).count == 1)
    }

    @Test("check looks whether the socket can be made")
    func socketFolder() async throws {
        let configuration = try #require(
            read("protocol: milter, address: \"unix:/nowhere/m.sock\"").configuration)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let problems = await ServerCheck.problems(configuration, logger: logger)
        #expect(problems.map(\.message).contains { $0.contains("no socket can be made in /nowhere") })
    }

    @Test("a pipeline_timeout that an MTA would not wait for is cut, and check says so")
    func deadline() {
        let found = messages(
            "protocol: milter, address: \"unix:/m\"", more: "limits: {pipeline_timeout: 5m}")
        #expect(
            found.count == 1 && found.first?.contains("180s") == true || found.first?.contains("3m") == true, "\(found)"
        )
        #expect(messages("protocol: milter, address: \"unix:/m\"", more: "limits: {pipeline_timeout: 3m}").isEmpty)
    }
}
