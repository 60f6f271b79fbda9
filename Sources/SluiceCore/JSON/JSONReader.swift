// SPDX-License-Identifier: Apache-2.0

/// Reads JSON (RFC 8259) into ``JSONValue``, keeping the order of keys.
package enum JSONReader {
    /// The deepest nesting that is read.
    package static let nestingLimit = 64

    package struct Failure: Error, CustomStringConvertible {
        package let offset: Int
        package let message: String
        package var description: String { "octet \(offset): \(message)" }
    }

    /// - Throws: ``Failure`` where the octets are not one JSON value.
    package static func read(_ octets: some Sequence<UInt8>) throws(Failure) -> JSONValue {
        var parser = Parser(octets: Array(octets))
        parser.skipWhiteSpace()
        let value = try parser.value(depth: 0)
        parser.skipWhiteSpace()
        guard parser.position == parser.octets.count else { throw parser.failure("one value would be right") }
        return value
    }

    private struct Parser {
        let octets: [UInt8]
        var position = 0

        func failure(_ message: String) -> Failure { Failure(offset: position, message: message) }

        var next: UInt8? { position < octets.count ? octets[position] : nil }

        mutating func skipWhiteSpace() {
            while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard next == byte else { return false }
            position += 1
            return true
        }

        mutating func value(depth: Int) throws(Failure) -> JSONValue {
            guard depth < JSONReader.nestingLimit else { throw failure("nested too deep") }
            switch next {
            case UInt8(ascii: "{"): return try object(depth: depth)
            case UInt8(ascii: "["): return try array(depth: depth)
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "t"): return try word("true", .bool(true))
            case UInt8(ascii: "f"): return try word("false", .bool(false))
            case UInt8(ascii: "n"): return try word("null", .null)
            case .some, nil: return try number()
            }
        }

        mutating func word(_ text: String, _ value: JSONValue) throws(Failure) -> JSONValue {
            guard octets[position...].starts(with: text.utf8) else { throw failure("\(text) would be right") }
            position += text.utf8.count
            return value
        }

        mutating func object(depth: Int) throws(Failure) -> JSONValue {
            position += 1
            var members: [JSONValue.Member] = []
            skipWhiteSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            repeat {
                skipWhiteSpace()
                guard next == UInt8(ascii: "\"") else { throw failure("a key would be right") }
                let key = try string()
                skipWhiteSpace()
                guard take(UInt8(ascii: ":")) else { throw failure("a colon would be right") }
                skipWhiteSpace()
                members.append(JSONValue.Member(key, try value(depth: depth + 1)))
                skipWhiteSpace()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else { throw failure("a closing brace would be right") }
            return .object(members)
        }

        mutating func array(depth: Int) throws(Failure) -> JSONValue {
            position += 1
            var values: [JSONValue] = []
            skipWhiteSpace()
            if take(UInt8(ascii: "]")) { return .array(values) }
            repeat {
                skipWhiteSpace()
                values.append(try value(depth: depth + 1))
                skipWhiteSpace()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "]")) else { throw failure("a closing bracket would be right") }
            return .array(values)
        }

        mutating func number() throws(Failure) -> JSONValue {
            let start = position
            _ = take(UInt8(ascii: "-"))
            if !take(UInt8(ascii: "0")) { try digits() }
            var isWhole = true
            if take(UInt8(ascii: ".")) {
                isWhole = false
                try digits()
            }
            if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
                isWhole = false
                if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
                try digits()
            }
            let text = String(decoding: octets[start..<position], as: UTF8.self)
            if isWhole, let number = Int64(text) { return .integer(number) }
            guard let number = Double(text), number.isFinite else { throw failure("a smaller number would be right") }
            return .number(number)
        }

        /// One digit or more.
        private mutating func digits() throws(Failure) {
            guard next?.isASCIIDigit ?? false else { throw failure("a value would be right") }
            while next?.isASCIIDigit ?? false { position += 1 }
        }

        mutating func string() throws(Failure) -> String {
            position += 1
            var content: [UInt8] = []
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""):
                    guard let text = String(validating: content, as: UTF8.self) else {
                        throw failure("UTF-8 would be right")
                    }
                    return text
                case UInt8(ascii: "\\"): content += try escaped()
                case 0..<0x20: throw failure("a control character, an escape would be right")
                default: content.append(byte)
                }
            }
            throw failure("the text does not end")
        }

        private mutating func escaped() throws(Failure) -> [UInt8] {
            guard let byte = next else { throw failure("the text does not end") }
            position += 1
            switch byte {
            case UInt8(ascii: "n"): return [0x0A]
            case UInt8(ascii: "r"): return [0x0D]
            case UInt8(ascii: "t"): return [0x09]
            case UInt8(ascii: "b"): return [0x08]
            case UInt8(ascii: "f"): return [0x0C]
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
            case UInt8(ascii: "u"):
                var code = try unit()
                if 0xD800..<0xDC00 ~= code, octets[position...].starts(with: "\\u".utf8) {
                    position += 2
                    let low = try unit()
                    guard 0xDC00..<0xE000 ~= low else { throw failure("a low surrogate would be right") }
                    code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                }
                return Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
            default: throw failure("no such escape")
            }
        }

        private mutating func unit() throws(Failure) -> UInt32 {
            guard position + 4 <= octets.count, octets[position] != UInt8(ascii: "+"),
                octets[position] != UInt8(ascii: "-"),
                let code = UInt32(String(decoding: octets[position..<(position + 4)], as: UTF8.self), radix: 16)
            else { throw failure("four hexadecimal digits would be right") }
            position += 4
            return code
        }
    }
}
