// SPDX-License-Identifier: Apache-2.0

/// Writes `Encodable` values as JSON (RFC 8259), in one line and in the order in which they encode themselves.
///
/// The octets are those that Foundation's `JSONDecoder` reads. They are written as they come, without a tree of values
/// before, since a decision record is written for every message.
package enum JSONEncoding {
    /// - Throws: `EncodingError` for a number that JSON has not.
    package static func octets(of value: some Encodable) throws -> [UInt8] {
        let output = JSONOutput()
        try output.write(value, codingPath: [])
        return output.octets
    }
}

/// An encoder for one value: it passes on where containers write to.
struct JSONValueEncoder: Encoder {
    let output: JSONOutput
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(
            JSONKeyedContainer<Key>(output: output, codingPath: codingPath, depth: output.open(.object)))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        JSONUnkeyedContainer(output: output, codingPath: codingPath, depth: output.open(.array))
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        JSONSingleValueContainer(output: output, codingPath: codingPath)
    }
}
