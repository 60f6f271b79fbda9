// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The folder `fixtures/` of the package.
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("fixtures").path

    /// The files of a folder of fixtures, sorted.
    static func files(_ name: String, ending: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder + "/" + name).filter { $0.hasSuffix(ending) }
            .sorted()
    }

    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    }
}
