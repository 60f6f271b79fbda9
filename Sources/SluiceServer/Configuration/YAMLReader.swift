// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
import Yams

/// Reads YAML into nodes that know their line and column.
package enum YAMLReader {
    /// The deepest nesting that is read.
    static let nestingLimit = 32
    /// The most values that are read.
    static let nodeLimit = 200_000
    private static let aliasProblem = "aliases are not read, the value itself would be right"

    /// A file that is no YAML; the description reads `file:line:column: …`.
    package struct Failure: Error, CustomStringConvertible {
        package let diagnostic: Diagnostic
        package var description: String { diagnostic.description }
    }

    /// - Parameters:
    ///   - text: the file's text.
    ///   - file: the name that diagnostics show.
    /// - Returns: `nil` for an empty file.
    /// - Throws: ``Failure`` where the text is not YAML, is nested too deep, or uses an alias.
    package static func read(_ text: String, file: String) throws(Failure) -> ConfigurationNode? {
        if let place = YAMLAliases.first(in: text) {
            let mark = SourceMark(file: file, line: place.line, column: place.column)
            throw Failure(diagnostic: Diagnostic(mark, aliasProblem))
        }
        let node: Yams.Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw Failure(diagnostic: diagnostic(of: error, file: file))
        } catch {
            throw Failure(diagnostic: Diagnostic(SourceMark(file: file, line: 1, column: 1), "\(error)"))
        }
        guard let node else { return nil }
        var count = 0
        return try convert(node, file: file, depth: 0, &count)
    }

    private static func diagnostic(of error: YamlError, file: String) -> Diagnostic {
        func at(_ mark: Mark, _ problem: String) -> Diagnostic {
            Diagnostic(
                SourceMark(file: file, line: mark.line, column: mark.column), "\(problem), valid YAML would be right")
        }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return at(mark, problem)
        case .reader(let problem, let offset, _, let yaml):
            // What stands there is no text at all: its place has to be counted.
            let before = yaml.utf8.prefix(offset ?? 0)
            let line = before.count { $0 == 0x0A } + 1
            let column =
                before.count
                - (before.lastIndex(of: 0x0A).map { before.distance(from: before.startIndex, to: $0) + 1 } ?? 0) + 1
            // Without what stands there: it may be anything.
            return Diagnostic(
                SourceMark(file: file, line: line, column: column),
                "this is no text: \(problem), YAML in UTF-8 would be right")
        case .duplicatedKeysInMapping(let duplicates, let context):
            return at(context.mark, "\(duplicates.map { "\($0)" }.joined(separator: ", ")) stands here twice")
        default:
            let words = "\(error)".split(separator: "\n").first.map(String.init) ?? "no YAML"
            return Diagnostic(SourceMark(file: file, line: 1, column: 1), words)
        }
    }

    private static func convert(
        _ node: Yams.Node, file: String, depth: Int, _ count: inout Int
    ) throws(Failure) -> ConfigurationNode {
        let mark = SourceMark(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        count += 1
        guard count <= nodeLimit else { throw Failure(diagnostic: Diagnostic(mark, "more than \(nodeLimit) values")) }
        guard depth < nestingLimit else {
            throw Failure(diagnostic: Diagnostic(mark, "nested more than \(nestingLimit) deep"))
        }
        switch node {
        case .scalar(let scalar):
            return ConfigurationNode(mark: mark, value: .scalar(scalar.string, isPlain: scalar.style == .plain))
        case .sequence(let sequence):
            var items: [ConfigurationNode] = []
            for item in sequence { items.append(try convert(item, file: file, depth: depth + 1, &count)) }
            return ConfigurationNode(mark: mark, value: .list(items))
        case .mapping(let mapping):
            var entries: [(key: String, mark: SourceMark, value: ConfigurationNode)] = []
            for (key, value) in mapping {
                let place = SourceMark(
                    file: file, line: key.mark?.line ?? mark.line, column: key.mark?.column ?? mark.column)
                guard let name = key.scalar?.string else {
                    throw Failure(diagnostic: Diagnostic(place, "a key is a list or a mapping, a text would be right"))
                }
                entries.append((name, place, try convert(value, file: file, depth: depth + 1, &count)))
            }
            return ConfigurationNode(mark: mark, value: .mapping(entries))
        case .alias:
            throw Failure(diagnostic: Diagnostic(mark, aliasProblem))
        }
    }
}
