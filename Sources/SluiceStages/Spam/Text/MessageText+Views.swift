// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

extension MessageText {
    /// All that rules see of the message, for people who write rules (`sluice spam check --texts`).
    package var views: JSONValue {
        func texts(_ pieces: [[UInt8]]) -> JSONValue { .array(pieces.map { .string(String(latin1OrUTF8: $0)) }) }
        let pseudo = pseudoHeaders.sorted { $0.key < $1.key }.filter { $0.key != "sluice-facts" }
        return .object(
            [
                .init("body", texts(body)), .init("rawbody", texts(rawBody)), .init("uris", texts(uris)),
                .init("facts", .array(facts.map { .string($0.line) })),
            ] + pseudo.map { .init($0.key, .string(String(latin1OrUTF8: $0.value))) })
    }
}
