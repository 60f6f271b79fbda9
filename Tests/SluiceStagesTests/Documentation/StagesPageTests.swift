// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceTesting
import Testing

@testable import SluiceStages

/// `docs/stages.md` promises that a stage is one folder and one line: here its example is compiled and run as it stands.
@Suite("The example of docs/stages.md") struct StagesPageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// What `sluice scan --json` says that matters here.
    private struct Scan: Decodable {
        struct Reply: Decodable { var code: Int, enhanced: String?, text: String }
        struct Finding: Decodable, Equatable { var name: String, stage: String, why: String }
        struct Stage: Decodable { var name: String, outcome: String, verdict: String }
        var disposition: String
        var reply: Reply
        var findings: [Finding]
        var turnedOn: Finding?
        var stages: [Stage]
    }

    @Test("is a stage by one folder and one line: check reads its settings, scan runs it", .timeLimit(.minutes(10)))
    func example() async throws {
        let page = try StagesPage(String(contentsOf: Self.root.appending(path: "docs/stages.md"), encoding: .utf8))
        #expect(!StageCatalog.names.contains("attachment-names"), "the example is to be a stage that isn't there yet")
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-stages-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch { Issue.record("\(folder) stays: \(error)") }
        }
        let program = try await ProgramWithStage(page, in: folder, root: Self.root)
        try await check(program, page)
        try await checkMistakes(program, page)
        try await scan(program)
    }

    private func configuration(_ stage: String) -> String {
        """
        hostname: mx.example.org
        state: state
        listeners: [{name: mx, protocol: smtp, address: "127.0.0.1:2525", pipeline: inbound}]
        relay: {postmaster: postmaster@example.org, default_route: mx}
        resolver: {zone: zone.yml}
        pipelines:
          inbound:
            \(stage)

        """
    }

    private func write(_ text: String, _ name: String, _ program: ProgramWithStage) throws {
        try text.write(to: program.folder.appending(path: name), atomically: false, encoding: .utf8)
    }

    /// `check` takes the page's configuration, and shows the values in force with those that every stage has.
    private func check(_ program: ProgramWithStage, _ page: StagesPage) async throws {
        try write("mx.example.org: [{A: 192.0.2.1}]\n", "zone.yml", program)
        try write(configuration(page.configuration), "sluice.yml", program)
        let result = try await run(
            [program.executable, "check", "--config", "sluice.yml", "--print"], in: program.folder)
        #expect(result.status == 0, "\(result.errors)")
        for value in ["endings = [.exe, .js]", "listed = reject", "on_error = defer", "timeout = 5s"] {
            #expect(result.output.contains("pipelines.inbound[0].attachment-names.\(value)"), "\(result.output)")
        }
    }

    /// Its mistakes have a place, the unknown key too, though the stage says nothing of places and unknown keys.
    private func checkMistakes(_ program: ProgramWithStage, _ page: StagesPage) async throws {
        let text = configuration("- attachment-names: {listed: drop, endngs: [.exe], endings: [exe]}")
        try write(text, "mistakes.yml", program)
        let line = try #require(text.split(separator: "\n").first { $0.contains("endngs") })
        func place(of word: String) throws -> String {
            let column = try #require(line.range(of: word)).lowerBound.utf16Offset(in: line) + 1
            return "mistakes.yml:8:\(column): "
        }
        let result = try await run([program.executable, "check", "--config", "mistakes.yml"], in: program.folder)
        #expect(result.status == 78)
        let path = "pipelines.inbound[0].attachment-names"
        for wanted in [
            try place(of: "drop") + "listed is “drop”, one of quarantine, reject would be right",
            try place(of: "endngs") + "unknown key endngs in \(path), did you mean endings?",
            try place(of: "[exe]") + "endings holds “exe”, an ending such as .exe would be right",
        ] {
            #expect(result.errors.contains(wanted), "\(result.errors)")
        }
    }

    /// `scan` runs it: finding, verdict, reply and record are as the page says.
    private func scan(_ program: ProgramWithStage) async throws {
        try write(Self.message(attaching: "invoice.PDF.exe. "), "listed.eml", program)
        try write(Self.message(attaching: "invoice.pdf"), "other.eml", program)
        let result = try await run(
            [program.executable, "scan", "--config", "sluice.yml", "--json", "listed.eml", "other.eml"],
            in: program.folder)
        #expect(result.status == 0, "\(result.errors)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let scans = try result.output.split(separator: "\n").map {
            try decoder.decode(Scan.self, from: Data($0.utf8))
        }
        try #require(scans.count == 2, "\(result.output)")
        #expect(scans[0].disposition == "reject")
        #expect(scans[0].reply.code == 550)
        #expect(scans[0].reply.enhanced == "5.7.1")
        #expect(scans[0].reply.text.contains("an attachment of a kind that is not taken here (.exe)"))
        let finding = Scan.Finding(
            name: "ATTACHMENT_NAME", stage: "attachment-names",
            why: "the attachment “invoice.PDF.exe. ” ends in .exe")
        #expect(scans[0].findings == [finding])
        #expect(scans[0].turnedOn == finding)
        #expect(scans[0].stages.map(\.name) == ["attachment-names"])
        #expect(scans[0].stages.map(\.outcome) == ["ran"])
        #expect(scans[0].stages.map(\.verdict) == ["reject"])
        #expect(scans[1].disposition == "deliver")
        #expect(scans[1].findings.isEmpty)
        #expect(scans[1].stages.map(\.verdict) == ["pass"])
    }

    private static func message(attaching name: String) -> String {
        [
            "From: anna@example.net", "To: bert@example.org", "Subject: the invoice", "MIME-Version: 1.0",
            "Content-Type: multipart/mixed; boundary=part", "", "--part", "Content-Type: text/plain", "", "See there.",
            "--part", "Content-Type: application/octet-stream",
            "Content-Disposition: attachment; filename=\"\(name)\"", "", "no program at all", "--part--", "",
        ].joined(separator: "\r\n")
    }
}
