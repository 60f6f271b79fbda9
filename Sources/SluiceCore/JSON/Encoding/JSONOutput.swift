// SPDX-License-Identifier: Apache-2.0

/// The octets of a JSON text while it is written, and which objects and arrays are open.
///
/// A container does not say when it ends. It does when one around it goes on, or when its value has been written.
final class JSONOutput {
    enum Kind: UInt8 {
        case object = 0x7D  // }
        case array = 0x5D  // ]
    }

    // Everything here is changed by one method at a time, none of which calls another while it changes something: to have
    // that checked at run time, for every octet, takes half as long as the writing.
    @exclusivity(unchecked) private(set) var octets: [UInt8] = []
    @exclusivity(unchecked) private var open: [Kind] = []
    /// Whether the innermost one has nothing in it yet.
    @exclusivity(unchecked) private var isEmpty = true

    init() { octets.reserveCapacity(2048) }

    /// Opens an object or an array; returns its depth.
    func open(_ kind: Kind) -> Int {
        octets.append(kind == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
        open.append(kind)
        isEmpty = true
        return open.count
    }

    /// Closes what is deeper.
    private func close(to depth: Int) {
        while open.count > depth, let kind = open.popLast() {
            octets.append(kind.rawValue)
            isEmpty = false
        }
    }

    /// Begins the next element of the array, or member of the object, of that depth.
    func next(at depth: Int) {
        precondition(open.count >= depth, "a container was written to after its end")
        close(to: depth)
        if !isEmpty { octets.append(UInt8(ascii: ",")) }
        isEmpty = false
    }

    func member(_ name: String, at depth: Int) {
        next(at: depth)
        write(name)
        octets.append(UInt8(ascii: ":"))
    }

    func write<Value: Encodable>(_ value: Value, codingPath: [any CodingKey]) throws {
        // Otherwise each octet would be a value of its own, with an encoder.
        if Value.self == [UInt8].self, let numbers = value as? [UInt8] { return write(numbers) }
        let depth = open.count
        let start = octets.count
        try value.encode(to: JSONValueEncoder(output: self, codingPath: codingPath))
        close(to: depth)
        // A value that writes nothing is an object without members.
        if octets.count == start { octets += "{}".utf8 }
    }

    func write(_ text: String) {
        octets.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
                octets.append(contentsOf: utf8[start..<index])
                writeEscaped(byte)
                start = index + 1
            }
            octets.append(contentsOf: utf8[start...])
        }
        octets.append(UInt8(ascii: "\""))
    }

    private func writeEscaped(_ byte: UInt8) {
        octets.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: octets.append(byte)
        case 0x0A: octets.append(UInt8(ascii: "n"))
        case 0x0D: octets.append(UInt8(ascii: "r"))
        case 0x09: octets.append(UInt8(ascii: "t"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            octets += "u00".utf8
            octets.append(digits[Int(byte >> 4)])
            octets.append(digits[Int(byte & 15)])
        }
    }

    /// Writes octets as the array of numbers that `[UInt8]` encodes itself as.
    private func write(_ numbers: [UInt8]) {
        var written: [UInt8] = []
        written.reserveCapacity(numbers.count * 4 + 2)
        written.append(UInt8(ascii: "["))
        for number in numbers {
            if number >= 100 { written.append(UInt8(ascii: "0") + number / 100) }
            if number >= 10 { written.append(UInt8(ascii: "0") + number / 10 % 10) }
            written.append(UInt8(ascii: "0") + number % 10)
            written.append(UInt8(ascii: ","))
        }
        if !numbers.isEmpty { written.removeLast() }
        written.append(UInt8(ascii: "]"))
        octets += written
    }

    func write(_ flag: Bool) { octets += (flag ? "true" : "false").utf8 }
    func writeNull() { octets += "null".utf8 }
    func write(_ number: some BinaryInteger) { octets += String(number).utf8 }

    func write(_ number: Double, codingPath: [any CodingKey]) throws {
        guard number.isFinite else {
            throw EncodingError.invalidValue(
                number, EncodingError.Context(codingPath: codingPath, debugDescription: "JSON has no \(number)"))
        }
        octets += number.description.utf8
    }
}
