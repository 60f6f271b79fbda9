// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// The state of reading one message: the parts found so far, and those that are open.
struct MIMEParsing {
    /// A part that is being read; parts refer to each other by their place in `drafts`.
    private struct Draft {
        var parent: Int?
        /// The part's number among its parent's children, from 1.
        var number: Int
        var depth: Int
        var path = ""
        /// What the numbers of children begin with.
        var prefix = ""
        var header = HeaderSection()
        var entity: MIMEEntity?
        var bodyStart = 0
        var bodyEnd: Int?
        var childCount = 0
        var defects: [MIMEDefect.Kind] = []
    }

    /// An open part. Each holds the next.
    private struct Frame {
        enum Kind {
            case leaf
            case message
            case multipart(boundary: [UInt8], isClosed: Bool)
        }
        var draft: Int
        var kind: Kind
    }

    private let message: Message
    private let limits: MIMEReader.Limits
    private let charsets: any CharsetConverter
    private var scanner: MIMELineScanner
    private var drafts: [Draft] = []
    private var open: [Frame] = []
    /// Each boundary in force, with the places in `open` of the multiparts that use it, the innermost last.
    private var boundaries: [[UInt8]: [Int]] = [:]
    /// Where the header section begins that is being read, if one is.
    private var headerStart: Int?
    private var headerLines = 0
    private var headerOctets = 0
    private var isStopped = false

    /// The longest boundary that is accepted; RFC 2046 §5.1.1 allows 70.
    private static let boundaryLimit = 512

    init(_ message: Message, limits: MIMEReader.Limits, charsets: any CharsetConverter) {
        self.message = message
        self.limits = limits
        self.charsets = charsets
        scanner = MIMELineScanner(message.body)
    }

    mutating func run() throws {
        drafts.append(Draft(parent: nil, number: 1, depth: 1))
        drafts[0].header = message.header
        drafts[0].defects = message.defects.map { .header($0) }
        classify(0, bodyStart: 0, mayEnter: true)
        while !isStopped {
            if let start = headerStart {
                try readHeaderLine(from: start)
            } else if boundaries.isEmpty {
                break
            } else if let line = try scanner.nextDelimiterCandidate() {
                if let delimiter = delimiter(line) { meet(delimiter, at: line) }
            } else {
                break
            }
        }
        close(downTo: 0, bodyEnd: message.body.length)
    }

    // MARK: - Header sections of parts

    private mutating func readHeaderLine(from start: Int) throws {
        guard let line = try scanner.next() else {
            try endHeader(from: start, to: message.body.length, body: message.body.length, mayEnter: false)
            return
        }
        headerLines += 1
        if let delimiter = delimiter(line) {
            try endHeader(
                from: start, to: max(start, line.precedingContentEnd), body: line.start, mayEnter: false)
            if !isStopped { meet(delimiter, at: line) }
        } else if line.isWhole, line.head.isEmpty {
            try endHeader(from: start, to: line.end, body: line.end, mayEnter: true)
        } else if line.end - start > limits.headerOctets {
            current.defects.append(.headerLimit(limits.headerOctets))
            scanner.rewind(to: line)
            try endHeader(from: start, to: line.start, body: line.start, mayEnter: true)
        } else if !Self.belongsToHeader(line, isFirst: line.start == start) {
            // As at the top of a message: what is no field begins the body.
            current.defects.append(.header(.notAField(line: headerLines)))
            scanner.rewind(to: line)
            try endHeader(from: start, to: line.start, body: line.start, mayEnter: true)
        }
    }

    /// Whether a line is a field's first line, or continues one, or is an mbox line at the top.
    private static func belongsToHeader(_ line: MIMELineScanner.Line, isFirst: Bool) -> Bool {
        guard let first = line.head.first else { return false }
        if first.isWhiteSpace { return !isFirst }
        if isFirst, line.head.starts(with: "From ".utf8) { return true }
        guard var end = line.head.firstIndex(of: UInt8(ascii: ":")) else { return false }
        while end > line.head.startIndex, line.head[end - 1].isWhiteSpace { end -= 1 }
        return end > line.head.startIndex && line.head[..<end].allSatisfy { $0 > 32 && $0 < 127 }
    }

    private var current: Draft {
        get { drafts[drafts.count - 1] }
        set { drafts[drafts.count - 1] = newValue }
    }

    /// Ends the header section of the part that was begun last.
    private mutating func endHeader(from start: Int, to end: Int, body: Int, mayEnter: Bool) throws {
        headerStart = nil
        headerOctets += end - start
        guard headerOctets <= limits.allHeaderOctets else {
            current.defects.append(.headersLimit(limits.allHeaderOctets))
            isStopped = true
            classify(drafts.count - 1, bodyStart: body, mayEnter: false)
            return
        }
        let reading = HeaderSection.read(try message.body.read(at: start, count: end - start))
        current.header = reading.header
        for defect in reading.defects where defect == .mboxLine || defect == .noBody && !mayEnter && end > start {
            current.defects.append(.header(defect))
        }
        classify(drafts.count - 1, bodyStart: body, mayEnter: mayEnter)
    }

    // MARK: - Parts

    /// Takes up what the header section says: opens the part, and what it holds.
    private mutating func classify(_ index: Int, bodyStart: Int, mayEnter: Bool) {
        let parent = drafts[index].parent
        let isInDigest = parent.map { drafts[$0].entity?.mediaType == "multipart/digest" } ?? false
        let entity = MIMEEntity(
            drafts[index].header, defaultType: isInDigest ? "message/rfc822" : "text/plain", charsets: charsets)
        drafts[index].entity = entity
        drafts[index].bodyStart = bodyStart
        drafts[index].defects += entity.defects
        let isMultipart = entity.mediaType.hasPrefix("multipart/")
        number(index, isMultipart: isMultipart)

        let isMessage = entity.mediaType == "message/rfc822" || entity.mediaType == "message/global"
        guard isMultipart || isMessage else {
            open.append(Frame(draft: index, kind: .leaf))
            return
        }
        guard entity.transferEncoding.isIdentity else {
            drafts[index].defects.append(.encodedComposite(entity.transferEncoding.name))
            open.append(Frame(draft: index, kind: .leaf))
            return
        }
        if isMessage {
            open.append(Frame(draft: index, kind: mayEnter ? .message : .leaf))
            if mayEnter { begin(in: index, at: bodyStart) }
            return
        }
        guard let boundary = Self.boundary(of: entity) else {
            drafts[index].defects.append(.missingBoundary)
            open.append(Frame(draft: index, kind: .leaf))
            return
        }
        boundaries[boundary, default: []].append(open.count)
        scanner.delimiterStarts[Int(boundary[0])] = true
        open.append(Frame(draft: index, kind: .multipart(boundary: boundary, isClosed: false)))
    }

    /// Gives the part its path; see ``MIMEPart/path``.
    private mutating func number(_ index: Int, isMultipart: Bool) {
        let draft = drafts[index]
        let parent = draft.parent.map { drafts[$0] }
        let prefix = parent?.prefix ?? ""
        let isMessage = parent.map { $0.entity?.mediaType.hasPrefix("multipart/") == false } ?? true
        if isMessage, isMultipart {
            drafts[index].path = prefix.isEmpty ? "TEXT" : prefix + ".TEXT"
            drafts[index].prefix = prefix
        } else {
            drafts[index].path = prefix.isEmpty ? "\(draft.number)" : "\(prefix).\(draft.number)"
            drafts[index].prefix = drafts[index].path
        }
    }

    private static func boundary(of entity: MIMEEntity) -> [UInt8]? {
        guard var boundary = entity.parameters.first(where: { $0.name == "boundary" })?.octets else { return nil }
        while boundary.last?.isWhiteSpace == true { boundary.removeLast() }
        return boundary.isEmpty || boundary.count > boundaryLimit ? nil : boundary
    }

    /// Begins a part inside another, unless a limit forbids it.
    private mutating func begin(in parent: Int, at offset: Int) {
        if drafts[parent].depth >= limits.nesting {
            drafts[parent].defects.append(.nestingLimit(limits.nesting))
            isStopped = true
        } else if drafts.count >= limits.parts {
            drafts[parent].defects.append(.partsLimit(limits.parts))
            isStopped = true
        } else {
            drafts[parent].childCount += 1
            drafts.append(
                Draft(parent: parent, number: drafts[parent].childCount, depth: drafts[parent].depth + 1))
            headerStart = offset
            headerLines = 0
        }
    }

    // MARK: - Delimiters

    private struct Delimiter {
        /// The place in `open` of the multipart.
        var level: Int
        var isClosing: Bool
    }

    /// Whether a line is a delimiter line of an open multipart (RFC 2046 §5.1.1): two hyphens, the boundary, two more at
    /// the close, and white space.
    private func delimiter(_ line: MIMELineScanner.Line) -> Delimiter? {
        guard line.isWhole, !boundaries.isEmpty, line.head.first == 0x2D, line.head.dropFirst().first == 0x2D else {
            return nil
        }
        var text = Array(line.head.dropFirst(2))
        while text.last?.isWhiteSpace == true { text.removeLast() }
        guard text.count <= Self.boundaryLimit + 2 else { return nil }
        if let level = boundaries[text]?.last { return Delimiter(level: level, isClosing: false) }
        guard text.suffix(2) == [0x2D, 0x2D], let level = boundaries[Array(text.dropLast(2))]?.last else { return nil }
        return Delimiter(level: level, isClosing: true)
    }

    private mutating func meet(_ delimiter: Delimiter, at line: MIMELineScanner.Line) {
        close(downTo: delimiter.level + 1, bodyEnd: line.precedingContentEnd)
        let frame = open[delimiter.level]
        guard delimiter.isClosing else {
            begin(in: frame.draft, at: line.end)
            return
        }
        guard case .multipart(let boundary, _) = frame.kind else { return }
        // What follows is the epilogue; the boundary means nothing there.
        open[delimiter.level].kind = .multipart(boundary: boundary, isClosed: true)
        forget(boundary)
    }

    /// Closes all open parts from that place in `open` on.
    private mutating func close(downTo level: Int, bodyEnd: Int) {
        while open.count > level, let frame = open.popLast() {
            drafts[frame.draft].bodyEnd = max(drafts[frame.draft].bodyStart, bodyEnd)
            guard case .multipart(let boundary, let isClosed) = frame.kind else { continue }
            if !isClosed { forget(boundary) }
            if drafts[frame.draft].childCount == 0 {
                if !isStopped { drafts[frame.draft].defects.append(.noParts) }
            } else if !isClosed, !isStopped {
                drafts[frame.draft].defects.append(.noClosingBoundary)
            }
        }
    }

    private mutating func forget(_ boundary: [UInt8]) {
        boundaries[boundary]?.removeLast()
        guard boundaries[boundary]?.isEmpty == true else { return }
        boundaries[boundary] = nil
        scanner.delimiterStarts[Int(boundary[0])] = boundaries.keys.contains { $0[0] == boundary[0] }
    }

    // MARK: - The result

    /// The tree, built from the last part to the first: a part stands behind the one that holds it.
    func structure() -> MIMEStructure {
        var parts = drafts.map { part($0) }
        for index in drafts.indices.reversed() {
            parts[index].children.reverse()
            if let parent = drafts[index].parent { parts[parent].children.append(parts[index]) }
        }
        return MIMEStructure(
            root: parts[0],
            defects: drafts.flatMap { draft in draft.defects.map { MIMEDefect($0, path: draft.path) } },
            isComplete: !isStopped)
    }

    private func part(_ draft: Draft) -> MIMEPart {
        MIMEPart(
            path: draft.path, mediaType: draft.entity?.mediaType ?? "text/plain",
            parameters: draft.entity?.parameters ?? [],
            transferEncoding: draft.entity?.transferEncoding ?? .sevenBit, disposition: draft.entity?.disposition,
            fileName: draft.entity?.fileName, header: draft.header,
            body: ContentSlice(
                message.body, from: draft.bodyStart,
                length: max(0, (draft.bodyEnd ?? message.body.length) - draft.bodyStart)),
            children: [])
    }
}
