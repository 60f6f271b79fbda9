// SPDX-License-Identifier: Apache-2.0

/// The elements of an array that is written.
struct JSONUnkeyedContainer: UnkeyedEncodingContainer {
    let output: JSONOutput
    let codingPath: [any CodingKey]
    let depth: Int
    private(set) var count = 0

    init(output: JSONOutput, codingPath: [any CodingKey], depth: Int) {
        self.output = output
        self.codingPath = codingPath
        self.depth = depth
    }

    private mutating func begin() {
        output.next(at: depth)
        count += 1
    }

    mutating func encodeNil() {
        begin()
        output.writeNull()
    }
    mutating func encode(_ value: Bool) {
        begin()
        output.write(value)
    }
    mutating func encode(_ value: String) {
        begin()
        output.write(value)
    }
    mutating func encode(_ value: Double) throws {
        begin()
        try output.write(value, codingPath: codingPath)
    }
    mutating func encode(_ value: Float) throws {
        begin()
        try output.write(Double(value), codingPath: codingPath)
    }
    mutating func encode<Value: BinaryInteger & Encodable>(_ value: Value) {
        begin()
        output.write(value)
    }
    mutating func encode<Value: Encodable>(_ value: Value) throws {
        begin()
        try output.write(value, codingPath: codingPath)
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        begin()
        return JSONValueEncoder(output: output, codingPath: codingPath).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        begin()
        return JSONValueEncoder(output: output, codingPath: codingPath).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        begin()
        return JSONValueEncoder(output: output, codingPath: codingPath)
    }
}
