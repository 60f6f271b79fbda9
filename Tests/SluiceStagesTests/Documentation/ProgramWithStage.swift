// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The program `sluice` with one stage more, built in a folder of its own from a page of the documentation.
///
/// Module `SluiceStages` is compiled anew by the command of the build, with a folder and a line added, and linked with
/// all else that the build has made already.
struct ProgramWithStage {
    let folder: URL
    let executable: String

    /// - Parameters:
    ///   - page: the stage and its line.
    ///   - folder: an empty folder to work in.
    ///   - root: the package.
    init(_ page: StagesPage, in folder: URL, root: URL) async throws {
        self.folder = folder
        executable = folder.appending(path: "sluice").path(percentEncoded: false)
        let manifest = try BuildManifest()
        let compilation = try manifest.compilation(of: "SluiceStages")
        let sources = try Self.sources(compilation, adding: page, in: folder, root: root)
        let objects = try await Self.compile(compilation, sources, in: folder)
        try await link(try manifest.linking(of: "sluice"), objects)
    }

    /// The sources of the module with the page's file, and with its line in the catalog.
    private static func sources(
        _ compilation: BuildManifest.Command, adding page: StagesPage, in folder: URL, root: URL
    ) throws -> [String] {
        let catalog = "Sources/SluiceStages/StageCatalog.swift"
        let opening = "package static let stages: [any FilterStage.Type] = [\n"
        let written = try String(contentsOf: root.appending(path: catalog), encoding: .utf8)
        try #require(written.contains(opening), "the list of stages in \(catalog) is not where it was")
        let changed = [
            catalog: written.replacingOccurrences(of: opening, with: "\(opening)        \(page.catalogLine)\n"),
            page.path: page.source,
        ]
        var sources = compilation.inputs.filter { $0.hasSuffix(".swift") && !$0.hasSuffix("/" + catalog) }
        try #require(sources.count < compilation.inputs.count { $0.hasSuffix(".swift") }, "\(catalog) is not compiled")
        for (path, text) in changed {
            let file = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: false, encoding: .utf8)
            sources.append(file.path(percentEncoded: false))
        }
        return sources
    }

    /// Compiles the module with the build's own arguments, but for those that say where things go.
    ///
    /// - Returns: the object files.
    private static func compile(
        _ compilation: BuildManifest.Command, _ sources: [String], in folder: URL
    ) async throws -> [String] {
        let objects = folder.appending(path: "objects")
        try FileManager.default.createDirectory(at: objects, withIntermediateDirectories: true)
        var arguments: [String] = []
        var rest = compilation.arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "-Xcc": arguments += [argument] + [rest.popFirst()].compactMap(\.self)
            case "-incremental", "-emit-dependencies", "-parseable-output", "-serialize-diagnostics",
                "-emit-objc-header", "-g":
                continue
            case "-output-file-map", "-index-store-path", "-emit-objc-header-path": _ = rest.popFirst()
            case "-emit-module-path":
                _ = rest.popFirst()
                arguments += [
                    argument, objects.appending(path: "SluiceStages.swiftmodule").path(percentEncoded: false),
                ]
            case _ where argument.hasPrefix("@"): arguments += sources
            default: arguments.append(argument)
            }
        }
        let result = try await run(arguments, in: objects)
        try #require(result.status == 0, "docs/stages.md: its code does not compile:\n\(result.output)\(result.errors)")
        return try FileManager.default.contentsOfDirectory(at: objects, includingPropertiesForKeys: nil)
            .map { $0.path(percentEncoded: false) }.filter { $0.hasSuffix(".o") }
    }

    /// Links the program as the build does, with these objects in place of the module's.
    private func link(_ linking: BuildManifest.Command, _ objects: [String]) async throws {
        let list = folder.appending(path: "objects.list").path(percentEncoded: false)
        var arguments: [String] = []
        var rest = linking.arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "-o":
                _ = rest.popFirst()
                arguments += [argument, executable]
            case _ where argument.hasPrefix("@"):
                let others = linking.inputs.filter { $0.hasSuffix(".o") && !$0.contains("/SluiceStages.build/") }
                let lines = (others + objects).map { "\"\($0)\"" }
                try lines.joined(separator: "\n").write(toFile: list, atomically: false, encoding: .utf8)
                arguments.append("@" + list)
            default: arguments.append(argument)
            }
        }
        // Nobody debugs it, and without the symbols it is written in a moment.
        let result = try await run(arguments + ["-Xlinker", "-s"], in: folder)
        try #require(result.status == 0, "sluice can't be linked:\n\(result.output)\(result.errors)")
    }
}
