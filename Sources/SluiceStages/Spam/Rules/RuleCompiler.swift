// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative

/// Makes a ``RuleSet`` of rule files.
struct RuleCompiler {
    private var rules: [String: Rule] = [:]
    private var names: [String] = []
    private var scores: [String: Double] = [:]
    private var descriptions: [String: String] = [:]
    private(set) var diagnostics: [Diagnostic] = []
    private var kinds: [RuleSubject.Kind] = []
    private var subjectByKind: [RuleSubject.Kind: Int] = [:]

    init(_ files: [RuleFile]) {
        for file in files {
            var seen: [String: SourceMark] = [:]
            for rule in file.rules {
                if let first = seen[rule.name] {
                    warn(rule.mark, "\(rule.name) stands at line \(first.line) already, this one counts")
                }
                seen[rule.name] = rule.mark
                if rules[rule.name] == nil { names.append(rule.name) }
                rules[rule.name] = rule
            }
            for score in file.scores {
                scores[score.name] = score.score + (score.isRelative ? scores[score.name] ?? RuleSet.defaultScore : 0)
            }
            for description in file.descriptions { descriptions[description.name] = description.text }
        }
        for file in files {
            for score in file.scores where rules[score.name] == nil {
                warn(score.mark, "there is no rule \(score.name) to have a score")
            }
            for description in file.descriptions where rules[description.name] == nil {
                warn(description.mark, "there is no rule \(description.name) to describe")
            }
        }
    }

    private mutating func warn(_ mark: SourceMark, _ message: String) {
        diagnostics.append(Diagnostic(mark, message, severity: .warning))
    }

    /// Compiles all rules but those whose score is 0, which are off.
    mutating func compile() -> [RuleSet.CompiledRule] {
        var compiled: [RuleSet.CompiledRule] = []
        var places: [String: Int] = [:]
        for name in orderedNames() {
            guard let rule = rules[name] else { continue }
            let score = rule.isSubtest ? 0 : scores[name] ?? RuleSet.defaultScore
            if score == 0, !rule.isSubtest { continue }
            guard let check = check(of: rule, places) else { continue }
            places[name] = compiled.count
            compiled.append(
                RuleSet.CompiledRule(name: name, score: score, description: descriptions[name], check: check))
        }
        return compiled
    }

    /// What the compiled rules look at.
    func subjects(of rules: [RuleSet.CompiledRule]) -> [RuleSubject] {
        var strings = [[(octets: [UInt8], owner: Int)]](repeating: [], count: kinds.count)
        for (place, rule) in rules.enumerated() {
            switch rule.check {
            case .field(let subject, let pattern, _, _), .pieces(let subject, let pattern):
                for string in pattern.required?.alternatives ?? [] { strings[subject].append((string, place)) }
            case .exists, .function, .meta: break
            }
        }
        return zip(kinds, strings).map { RuleSubject(kind: $0, finder: OctetStringFinder($1)) }
    }

    private mutating func subject(_ kind: RuleSubject.Kind) -> Int {
        if let known = subjectByKind[kind] { return known }
        kinds.append(kind)
        subjectByKind[kind] = kinds.count - 1
        return kinds.count - 1
    }

    /// Metas behind all rules that they name, the others before; a meta that needs itself is an error and left out.
    private mutating func orderedNames() -> [String] {
        enum State { case open, done }
        var states: [String: State] = [:]
        var ordered: [String] = []
        for root in names {
            var path: [(name: String, next: Int)] = [(root, 0)]
            while let (name, next) = path.last {
                if states[name] == .done {
                    path.removeLast()
                    continue
                }
                states[name] = .open
                guard case .meta(let meta)? = rules[name]?.test, next < meta.names.count else {
                    states[name] = .done
                    ordered.append(name)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let needed = meta.names[next]
                if states[needed] == .open {
                    diagnostics.append(Diagnostic(meta.marks[next], "\(name) needs \(needed), which needs \(name)"))
                    states[name] = .done
                    path.removeLast()
                } else if states[needed] == nil, rules[needed] != nil {
                    path.append((needed, 0))
                }
            }
        }
        return ordered
    }

    private mutating func check(of rule: Rule, _ places: [String: Int]) -> RuleSet.Check? {
        switch rule.test {
        case .header(let test):
            let field = test.field.asciiLowercased()
            switch test.condition {
            case .exists: return .exists(field: field)
            case .matches(let expression): return check(field, test, expression, isNegated: false)
            case .doesNotMatch(let expression): return check(field, test, expression, isNegated: true)
            }
        case .body(let expression): return check(.body, expression)
        case .rawBody(let expression): return check(.rawBody, expression)
        case .uri(let expression): return check(.uris, expression)
        case .function(let function): return .function(function)
        case .meta(let meta):
            for (name, mark) in zip(meta.names, meta.marks) where rules[name] == nil {
                warn(mark, "there is no rule \(name), it counts as 0")
            }
            return .meta(meta, places: meta.names.map { places[$0] })
        }
    }

    private mutating func check(
        _ field: String, _ test: HeaderTest, _ expression: RuleExpression, isNegated: Bool
    ) -> RuleSet.Check? {
        let ifUnset = test.ifUnset.map { Array($0.utf8) }
        guard let pattern = pattern(expression) else { return nil }
        return .field(subject: subject(.field(field, test.part)), pattern, isNegated: isNegated, ifUnset: ifUnset)
    }

    private mutating func check(_ kind: RuleSubject.Kind, _ expression: RuleExpression) -> RuleSet.Check? {
        guard let pattern = pattern(expression) else { return nil }
        return .pieces(subject: subject(kind), pattern)
    }

    private mutating func pattern(_ expression: RuleExpression) -> RulePattern? {
        do throws(PCREError) {
            return try RulePattern(expression)
        } catch {
            var mark = expression.mark
            mark.column += error.offset
            diagnostics.append(Diagnostic(mark, "the regular expression is wrong: \(error.message)"))
            return nil
        }
    }
}
