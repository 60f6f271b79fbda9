// SPDX-License-Identifier: Apache-2.0

/// A message's content as an MTA holds it while milters alter it.
package struct MTAContent: Equatable, Sendable {
    package var fields: [MTAField]
    package var body: [UInt8]

    /// Takes a content apart: the fields end before the first empty line, which belongs to neither part, or before the
    /// first line that is no field, with which the body begins.
    package init(_ octets: [UInt8]) {
        var fields: [MTAField] = []
        var rest = octets[...]
        while let (line, next) = Self.line(of: rest) {
            if line.isEmpty {
                rest = next
                break
            }
            if line.first == 0x20 || line.first == 0x09, !fields.isEmpty {
                fields[fields.count - 1].value += [0x0A] + line
            } else if let colon = line.firstIndex(of: 0x3A), colon > line.startIndex,
                line[..<colon].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            {
                let name = String(decoding: line[..<colon], as: UTF8.self)
                fields.append(MTAField(name: name, value: Array(line[(colon + 1)...]), origin: .message))
            } else {
                break
            }
            rest = next
        }
        self.fields = fields
        self.body = Array(rest)
    }

    /// The first line without its end, and what follows.
    private static func line(of octets: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        guard let end = octets.firstIndex(of: 0x0A) else { return nil }
        let line = octets[..<end]
        return (line.last == 0x0D ? line.dropLast() : line, octets[(end + 1)...])
    }

    /// The content as it goes on, without the fields that the MTA put there itself.
    package var octets: [UInt8] {
        fields.filter(\.isShown).flatMap(\.octets) + [0x0D, 0x0A] + body
    }

    /// The value of the first field of the name, as text without the space before and behind.
    package func value(_ name: String) -> String? { values(name).first }

    /// The values of all fields of the name, the MTA's own left out.
    package func values(_ name: String) -> [String] {
        fields.filter { $0.isShown && $0.isNamed(name) }.map { field in
            let text = String(decoding: field.value, as: UTF8.self)
            return String(text.drop { $0 == " " || $0 == "\t" })
        }
    }
}
