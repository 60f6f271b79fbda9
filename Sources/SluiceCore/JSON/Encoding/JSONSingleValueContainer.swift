// SPDX-License-Identifier: Apache-2.0

/// A value that is written and is no container itself.
struct JSONSingleValueContainer: SingleValueEncodingContainer {
    let output: JSONOutput
    let codingPath: [any CodingKey]

    mutating func encodeNil() { output.writeNull() }
    mutating func encode(_ value: Bool) { output.write(value) }
    mutating func encode(_ value: String) { output.write(value) }
    mutating func encode(_ value: Double) throws { try output.write(value, codingPath: codingPath) }
    mutating func encode(_ value: Float) throws { try output.write(Double(value), codingPath: codingPath) }
    mutating func encode<Value: BinaryInteger & Encodable>(_ value: Value) { output.write(value) }
    mutating func encode<Value: Encodable>(_ value: Value) throws {
        try output.write(value, codingPath: codingPath)
    }
}
