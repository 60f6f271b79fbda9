// SPDX-License-Identifier: Apache-2.0
import Logging
import SluiceCore
import SluiceFilter
import Testing

@testable import SluiceServer

@Suite("What the drill makes of a configuration") struct DrillConfigurationTests {
    private static let text = """
        hostname: mx.example.org
        state: /nowhere
        listeners: [{name: mx, address: "127.0.0.1:0", pipeline: {untrusted: inbound, trusted: outbound}}]
        relay: {domains: {example.org: {route: "smtp://192.0.2.5:25", recipients: any}}}
        resolver: {timeout: 3s}
        pipelines:
          inbound:
            - spf
            - virus: {database: embedded, on_error: quarantine, limits: {files: 10}}
            - milter: {name: other, address: "192.0.2.9:8891", on_error: refuse, timeout: 5s}
          outbound:
            - virus: {database: embedded, "infected": "quarantine"}
        """

    private func plan() throws -> DrillPlan {
        let reading = ServerConfiguration.read(Self.text, file: "test", directory: "")
        return try DrillPlan(Self.text, file: "test", directory: "/etc/sluice", reading: reading)
    }

    @Test("each stage of each pipeline is known with its policy and its time, defaults too")
    func stages() throws {
        let plan = try plan()
        #expect(
            plan.stages.map(\.title) == ["inbound/spf", "inbound/virus", "inbound/milter:other", "outbound/virus"])
        #expect(plan.stages.map(\.onError) == [.pass, .quarantine, .refuse, .defer])
        #expect(plan.stages.map(\.timeout) == [.seconds(30), .seconds(30), .seconds(5), .seconds(30)])
        #expect(plan.stages[0].values["temperror"] == "pass")
        #expect(plan.stages[1].duration("limits.scan_time", default: .zero) == .seconds(28))
        #expect(plan.resolverTimeout == .seconds(3))
    }

    @Test("a stage is named by its kind, its label, or with its pipeline")
    func names() throws {
        let stages = try plan().stages
        func named(_ words: String...) -> [String] { stages.filter { $0.isNamed(by: words) }.map(\.title) }
        #expect(named("virus") == ["inbound/virus", "outbound/virus"])
        #expect(named("outbound/virus") == ["outbound/virus"])
        #expect(named("milter:other") == ["inbound/milter:other"] && named("milter") == named("milter:other"))
        #expect(named("next-hop") == [] && named().count == 4)
    }

    @Test(
        "the private instance has the stage as it is configured but for what is replaced, and nothing of the real one")
    func replaced() throws {
        let stages = try plan().stages
        let configuration = DrillConfiguration(
            state: "/tmp/drill \"x\"", nextHop: 2525,
            parts: [
                .init(
                    stage: stages[1],
                    changes: [("limits", .section([("scan_time", .text("2s"))])), ("timeout", .text("3s"))]),
                .init(stage: stages[2], changes: [("address", .text("127.0.0.1:9"))]),
            ])
        let read = try configuration.read(directory: "")
        #expect(read.state == "/tmp/drill \"x\"")
        #expect(read.listeners.map(\.name) == ["drill-0", "drill-1", "plain"])
        #expect(read.listeners.allSatisfy { $0.host == "127.0.0.1" && $0.port == 0 })
        let values = Dictionary(
            ServerConfiguration.read(configuration.text, file: "", directory: "").values.map { ($0.path, $0.value) }
        ) { first, _ in first }
        #expect(values["pipelines.drill-0[0].virus.limits.scan_time"] == "2s")
        #expect(values["pipelines.drill-0[0].virus.limits.files"] == "10")
        #expect(values["pipelines.drill-0[0].virus.on_error"] == "quarantine")
        #expect(values["pipelines.drill-1[0].milter.address"] == "127.0.0.1:9")
        #expect(values["pipelines.drill-1[0].milter.on_error"] == "refuse")
        #expect(!configuration.text.contains("192.0.2.") && !configuration.text.contains("example.org"))
    }

    @Test(
        "texts are quoted so that YAML reads them back", arguments: ["a", "a\"b\\c", "#: {", "ü €", "a\tb\u{7F}", ""])
    func quoted(text: String) throws {
        let node = try YAMLReader.read("key: \(DrillText.quoted(text))", file: "")
        #expect(node?.member("key")?.scalar == text)
    }

    @Test("a stage that isn't there is refused by name")
    func unknown() async throws {
        let drill = Drill(
            Drill.Source(text: Self.text, file: "test", directory: ""), only: ["virs"], logger: Logger(label: "test")
        ) { _ in }
        await #expect {
            try await drill.run(handlesSignals: false)
        } throws: { error in
            "\(error)" == "there is no stage virs, one of milter:other, spf, virus, next-hop, disk would be right"
        }
    }
}
