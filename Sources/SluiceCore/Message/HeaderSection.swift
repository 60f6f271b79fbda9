// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// The header section: the fields in order, from the top (RFC 5322 §2.1).
package struct HeaderSection: Hashable, Sendable {
    package var fields: [HeaderField]

    package init(_ fields: [HeaderField] = []) { self.fields = fields }

    /// The fields of that name, from the top.
    package func all(_ name: String) -> [HeaderField] { fields.filter { $0.isNamed(name) } }
    package func first(_ name: String) -> HeaderField? { fields.first { $0.isNamed(name) } }

    /// What reading a header section found.
    package struct Reading: Sendable {
        package var header: HeaderSection
        /// The number of octets up to the body, the empty line included.
        package var bodyOffset: Int
        package var defects: [Defect]
    }

    /// What is wrong with a header section that was read all the same.
    package enum Defect: Hashable, Sendable {
        /// An mbox line (`From …`) stands at the top; it was left out.
        case mboxLine
        /// A line that is no field ended the section; the body begins with it.
        case notAField(line: Int)
        /// There is no empty line: the whole content is header.
        case noBody
        /// The section is longer than the limit; what follows was taken for the body.
        case tooLong(limit: Int)
    }

    /// Reads a header section from the start of a message.
    ///
    /// Lines end in CRLF; a bare LF is taken for a line end too, since stored mail has it (the SMTP front refuses it).
    /// As Postfix does, a line that is no field ends the section and begins the body.
    ///
    /// - Parameter octets: the content, or as much of its start as may hold the header section.
    package static func read(_ octets: ByteBuffer) -> Reading {
        let view = octets.readableBytesView
        var fields: [HeaderField] = []
        var defects: [Defect] = []
        var fieldStart = view.startIndex
        var lineStart = view.startIndex
        var lineNumber = 0

        /// Ends the field that stands between `fieldStart` and `end`; says whether it was one.
        func close(at end: Int) -> Bool {
            guard fieldStart < end else { return true }
            guard let raw = octets.getSlice(at: fieldStart, length: end - fieldStart), let field = HeaderField(raw: raw)
            else { return false }
            fields.append(field)
            return true
        }
        /// `From ` with an address behind it; `From : …` is a field with white space before its colon (RFC 5322 §4.5).
        func isMboxLine(_ line: ByteBufferView) -> Bool {
            line.starts(with: "From ".utf8)
                && line.dropFirst(5).first { !$0.isWhiteSpace } != UInt8(ascii: ":")
        }
        func reading(body: Int) -> Reading {
            Reading(header: HeaderSection(fields), bodyOffset: body - view.startIndex, defects: defects)
        }

        while lineStart < view.endIndex {
            lineNumber += 1
            let lineEnd = view[lineStart...].firstIndex(of: 0x0A).map { $0 + 1 } ?? view.endIndex
            let first = view[lineStart]
            let isEmpty = first == 0x0A || (first == 0x0D && lineEnd == lineStart + 2 && view[lineStart + 1] == 0x0A)
            if isEmpty {
                if !close(at: lineStart) {
                    defects.append(.notAField(line: lineNumber - 1))
                    return reading(body: fieldStart)
                }
                return reading(body: lineEnd)
            }
            if !(first.isWhiteSpace && lineStart > fieldStart) {
                if !close(at: lineStart) {
                    defects.append(.notAField(line: lineNumber - 1))
                    return reading(body: fieldStart)
                }
                fieldStart = lineStart
                if lineNumber == 1, isMboxLine(view[lineStart..<lineEnd]) {
                    defects.append(.mboxLine)
                    fieldStart = lineEnd
                }
            }
            lineStart = lineEnd
        }
        if !close(at: view.endIndex) {
            defects.append(.notAField(line: lineNumber))
            return reading(body: fieldStart)
        }
        defects.append(.noBody)
        return reading(body: view.endIndex)
    }
}
