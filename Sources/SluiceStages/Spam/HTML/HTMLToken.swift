// SPDX-License-Identifier: Apache-2.0

/// A piece of HTML source. Ranges are octets of the source.
enum HTMLToken: Equatable {
    /// Text between tags, character references not decoded.
    case text(Range<Int>)
    case start(HTMLTag)
    case end(String)
    case comment(Range<Int>)
}

/// A start tag. Names are in lower case, values decoded.
struct HTMLTag: Equatable {
    struct Attribute: Equatable {
        var name: String
        var value: [UInt8]
    }

    var name: String
    var attributes: [Attribute]

    /// The value of the first attribute of that name.
    subscript(name: String) -> [UInt8]? { attributes.first { $0.name == name }?.value }
}
