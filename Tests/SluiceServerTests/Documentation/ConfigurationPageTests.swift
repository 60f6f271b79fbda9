// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceFilter
import SluiceStages
import Testing

@testable import SluiceCore
@testable import SluiceServer

@Suite("docs/configuration.md") struct ConfigurationPageTests {
    /// Every key that there is, with a value of its kind.
    private static let full = """
        hostname: mx.example.org
        state: /var/lib/sluice
        listeners:
          - {name: mx, protocol: smtp, address: "0.0.0.0:25", pipeline: {untrusted: all, trusted: all},
             certificate: mx.pem, key: mx.key, users: users.txt}
          - {name: mta, protocol: milter, address: "unix:/run/milter.sock", mode: "0660", pipeline: all,
             quarantine: take_over, reinject: "smtp://127.0.0.1:10026", recipients_differ: strictest}
        relay:
          domains:
            example.org: {route: "smtp://192.0.2.5:25", recipients: next_hop}
          trusted_networks: [192.0.2.5]
          postmaster: postmaster@example.org
          default_route: mx
        pipelines:
          all:
            - spf: {fail: pass, softfail: pass, permerror: pass, temperror: pass, helo: false}
            - dkim-verify: {fail: pass}
            - virus: {database: embedded, limits: {files: 5}}
            - spam: {tag: 5, recipients: {example.org: {tag: 4}}}
            - dkim-sign: {keys: [{domain: example.org, selector: s1, file: s1.pem}]}
        delivery:
          destinations: {example.org: {tls: required}}
        """
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/configuration.md")

    /// The keys of the page with their defaults: rows of a table, under a heading that names the section.
    private static func documented() throws -> [String: String] {
        var keys: [String: String] = [:]
        var section = ""
        for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("##") {
                section = line.split(separator: "`").dropFirst().first.map { $0 + "." } ?? ""
            } else if line.hasPrefix("| `") {
                let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                let key = section + cells[0].replacingOccurrences(of: "`", with: "")
                #expect(keys[key] == nil, "\(key) stands twice on the page")
                keys[key] = cells[1].replacingOccurrences(of: "`", with: "")
            }
        }
        return keys
    }

    /// The path of a value as the page writes it: without the numbers, with words for the names that people choose.
    private static func written(_ path: String) -> String {
        var path = path.replacing(/\[[0-9]+\]/, with: "")
        path = path.replacing("relay.domains.example.org.", with: "relay.domains.DOMAIN.")
        path = path.replacing(/^pipelines\.[a-z]+\./, with: "pipelines.PIPELINE.")
        path = path.replacing(".spam.recipients.example.org.", with: ".spam.recipients.RECIPIENT.")
        path = path.replacing("delivery.destinations.example.org.", with: "delivery.destinations.DESTINATION.")
        for stage in StageCatalog.names {
            for key in ["on_error", "timeout"] where path == "pipelines.PIPELINE.\(stage).\(key)" {
                path = "pipelines.PIPELINE.STAGE.\(key)"
            }
        }
        return path
    }

    private static func isSame(_ documented: String, _ value: String) -> Bool {
        if documented == value { return true }
        // `check --print` shows octets, whatever unit is meant.
        if let size = ConfigurationScalar.size(documented), "\(size)B" == value { return true }
        return Double(documented).map { $0 == Double(value) } ?? false
    }

    @Test("has every key that the reader knows, and no other")
    func keys() throws {
        let documented = Set(try Self.documented().keys)
        let reading = ServerConfiguration.read(Self.full, file: "sluice.yml", directory: "")
        let known = Set(reading.values.map { Self.written($0.path) })
        #expect(known.subtracting(documented).sorted() == [], "not on the page")
        #expect(documented.subtracting(known).sorted() == [], "on the page, and not known")
        let unknown = reading.diagnostics.filter { $0.message.hasPrefix("unknown") }
        #expect(unknown.isEmpty, "this test's configuration has keys that aren't there")
        for stage in StageCatalog.names {
            #expect(
                known.contains { $0.hasPrefix("pipelines.PIPELINE.\(stage).") }, "this test lacks the stage \(stage)")
        }
    }

    @Test("gives each key the default that is in force")
    func defaults() throws {
        let documented = try Self.documented()
        let reading = ServerConfiguration.read(
            """
            hostname: mx.example.org
            state: /var/lib/sluice
            listeners: [{name: mx, address: "0.0.0.0:25", pipeline: all}, {name: mta, protocol: milter, address: "127.0.0.1:1", pipeline: all}]
            relay: {domains: {example.org: {route: "smtp://192.0.2.5:25"}}}
            pipelines: {all: [spf, dkim-verify, virus, spam, dkim-sign: {keys: []}]}
            """, file: "sluice.yml", directory: "")
        var compared = 0
        for (path, value, mark) in reading.values where mark == nil {
            let key = Self.written(path)
            guard !key.hasPrefix("pipelines.PIPELINE.STAGE.") else { continue }
            let wanted = try #require(documented[key], "\(key) is not on the page")
            #expect(Self.isSame(wanted, value), "\(key) is \(value) by default, not \(wanted)")
            compared += 1
        }
        #expect(compared > 50)
    }

    @Test("says what applies to each stage where the configuration does not")
    func stages() throws {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        for stage in StageCatalog.stages {
            let defaults = stage.defaults
            let row = "| \(stage.name) | \(defaults.onError.rawValue) | \(defaults.timeout.written) |"
            #expect(page.contains(row), "“\(row)” is not on the page")
        }
    }
}
