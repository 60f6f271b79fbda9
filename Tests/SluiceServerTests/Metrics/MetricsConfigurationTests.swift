// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("metrics: in the configuration") struct MetricsConfigurationTests {
    private func read(_ metrics: String) -> ServerConfiguration.Reading {
        ServerConfiguration.read(
            TestServer.yaml(sink: 1, recipients: "next_hop", more: metrics), file: "sluice.yml",
            directory: "/tmp/sluice-metrics")
    }

    @Test("without an address nothing listens")
    func none() throws {
        #expect(try #require(read("").configuration).metrics.address == nil)
        #expect(try #require(read("metrics: {}").configuration).metrics.address == nil)
    }

    @Test("a loopback address is taken without a word", arguments: ["127.0.0.1:9464", "[::1]:9464", "localhost:9464"])
    func loopback(_ address: String) throws {
        let reading = read("metrics: {address: \"\(address)\"}")
        #expect(reading.diagnostics.map(\.description) == [])
        #expect(try #require(reading.configuration).metrics.address?.port == 9464)
    }

    @Test(
        "another address is warned of, as everybody may read what it tells", arguments: ["0.0.0.0:9464", "[::]:9464"])
    func open(_ address: String) throws {
        let reading = read("metrics: {address: \"\(address)\"}")
        let warning = try #require(reading.diagnostics.first)
        #expect(warning.severity == .warning)
        #expect(warning.message.contains("a loopback address would be right"))
        #expect(reading.configuration?.metrics.address?.written() == address)
    }

    @Test(
        "what is no address and port is a mistake, with what would be right", arguments: ["9464", "127.0.0.1", "a:1"])
    func wrong(_ address: String) throws {
        let reading = read("metrics: {address: \"\(address)\"}")
        #expect(reading.configuration == nil)
        #expect(reading.diagnostics.first?.message.contains("127.0.0.1:9464") == true)
    }

    @Test("another address takes a restart")
    func restart() throws {
        let old = try #require(read("").configuration)
        let new = try #require(read("metrics: {address: \"127.0.0.1:9464\"}").configuration)
        #expect(Reloader.restartKeys(old, new) == ["metrics.address"])
    }
}
