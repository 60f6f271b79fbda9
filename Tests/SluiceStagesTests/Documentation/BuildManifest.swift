// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The commands by which the running tests were built, as SwiftPM wrote them down for llbuild: `.build/debug.yaml`.
struct BuildManifest {
    /// One command of the manifest.
    struct Command {
        var arguments: [String]
        var inputs: [String]
    }

    /// The folder of what was built, such as `.build/x86_64-unknown-linux-gnu/debug`.
    let products: URL
    private let lines: [Substring]
    private let file: String

    /// Finds the manifest of the build that the running test program comes from.
    init() throws {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        products = URL(filePath: program).deletingLastPathComponent()
        let scratch = products.deletingLastPathComponent().deletingLastPathComponent()
        let manifest = scratch.appending(path: products.lastPathComponent + ".yaml")
        file = manifest.path(percentEncoded: false)
        lines = try String(contentsOf: manifest, encoding: .utf8).split(separator: "\n")
    }

    /// How a module of ours is compiled.
    func compilation(of module: String) throws -> Command { try command("C.\(module)-\(suffix).module") }

    /// How a program of ours is linked.
    func linking(of program: String) throws -> Command { try command("C.\(program)-\(suffix).exe") }

    private var suffix: String {
        products.deletingLastPathComponent().lastPathComponent + "-" + products.lastPathComponent
    }

    private func command(_ name: String) throws -> Command {
        let start = try #require(lines.firstIndex(of: "  \"\(name)\":"), "\(file) has no command \(name)")
        let body = lines[(start + 1)...].prefix { $0.hasPrefix("    ") }
        func list(_ key: String) throws -> [String] {
            let prefix = "    \(key): "
            let line = try #require(body.first { $0.hasPrefix(prefix) }, "\(name) in \(file) has no \(key)")
            return try JSONDecoder().decode([String].self, from: Data(line.dropFirst(prefix.count).utf8))
        }
        return Command(arguments: try list("args"), inputs: try list("inputs"))
    }
}
