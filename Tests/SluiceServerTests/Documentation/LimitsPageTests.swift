// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import Testing

@testable import SluiceServer

@Suite("docs/limits.md and docs/threat-model.md") struct LimitsPageTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The tests that a page names: `Tests/….swift`: "title".
    private static func tests(on page: String) throws -> [(file: String, title: String)] {
        try String(contentsOf: root.appending(path: page), encoding: .utf8)
            .matches(of: /`(Tests\/[^`]+\.swift)`: "([^"]+)"/).map { (String($0.output.1), String($0.output.2)) }
    }

    @Test("each test that is named is there", arguments: [("docs/limits.md", 40), ("docs/threat-model.md", 30)])
    func tests(page: String, atLeast: Int) throws {
        let named = try Self.tests(on: page)
        #expect(named.count >= atLeast)
        for (file, title) in named {
            let source = try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
            #expect(source.contains("\"\(title)\""), "\(file) has no test “\(title)”")
        }
    }

    @Test("each line of a table names a test", arguments: ["docs/limits.md", "docs/threat-model.md"])
    func lines(page: String) throws {
        for line in try String(contentsOf: Self.root.appending(path: page), encoding: .utf8).split(separator: "\n")
        where line.hasPrefix("| ") && !line.hasSuffix("| the test |") {
            #expect(line.contains(/`Tests\/[^`]+\.swift`: "[^"]+" \|$/), "no test: \(line)")
        }
    }

    @Test("each limit of the configuration has a line")
    func configuration() throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/limits.md"), encoding: .utf8)
        let reading = ServerConfiguration.read(
            "{hostname: a.test, state: /s, limits: {logins: {}, rates: {}}}", file: "f", directory: "")
        let keys = reading.values.map(\.path).filter { $0.hasPrefix("limits.") }.map { $0.dropFirst("limits.".count) }
        #expect(keys.count > 20)
        for key in keys { #expect(page.contains("\n| `\(key)` |"), "\(key) is not on the page") }
    }
}
