// SPDX-License-Identifier: Apache-2.0

/// The members of an object that is written.
struct JSONKeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let output: JSONOutput
    let codingPath: [any CodingKey]
    let depth: Int

    mutating func encodeNil(forKey key: Key) {
        output.member(key.stringValue, at: depth)
        output.writeNull()
    }
    mutating func encode(_ value: Bool, forKey key: Key) {
        output.member(key.stringValue, at: depth)
        output.write(value)
    }
    mutating func encode(_ value: String, forKey key: Key) {
        output.member(key.stringValue, at: depth)
        output.write(value)
    }
    mutating func encode(_ value: Double, forKey key: Key) throws {
        output.member(key.stringValue, at: depth)
        try output.write(value, codingPath: codingPath + [key])
    }
    mutating func encode(_ value: Float, forKey key: Key) throws {
        output.member(key.stringValue, at: depth)
        try output.write(Double(value), codingPath: codingPath + [key])
    }
    mutating func encode<Value: BinaryInteger & Encodable>(_ value: Value, forKey key: Key) {
        output.member(key.stringValue, at: depth)
        output.write(value)
    }
    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        output.member(key.stringValue, at: depth)
        try output.write(value, codingPath: codingPath + [key])
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        output.member(key.stringValue, at: depth)
        return JSONValueEncoder(output: output, codingPath: codingPath + [key]).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        output.member(key.stringValue, at: depth)
        return JSONValueEncoder(output: output, codingPath: codingPath + [key]).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        output.member("super", at: depth)
        return JSONValueEncoder(output: output, codingPath: codingPath)
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder {
        output.member(key.stringValue, at: depth)
        return JSONValueEncoder(output: output, codingPath: codingPath + [key])
    }
}
