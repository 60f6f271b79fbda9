// SPDX-License-Identifier: Apache-2.0

/// Octets cut at CRLF, in the plainest way: what the decoders, which never have all of them at hand, are compared with.
struct Lines {
    /// Those that end, without their CRLF.
    private(set) var whole: [ArraySlice<UInt8>] = []
    /// What follows the last CRLF.
    private(set) var rest: ArraySlice<UInt8>

    init(_ octets: some Collection<UInt8>) {
        let octets = Array(octets)
        var start = 0
        var index = 0
        while index + 1 < octets.count {
            if octets[index] == 0x0D, octets[index + 1] == 0x0A {
                whole.append(octets[start..<index])
                start = index + 2
                index = start
            } else {
                index += 1
            }
        }
        rest = octets[start...]
    }
}

extension Collection where Element == UInt8 {
    /// Where the first CR, LF or NUL stands, counted from 0.
    var firstForbidden: Int? {
        for (place, octet) in enumerated() where octet == 0x0D || octet == 0x0A || octet == 0 { return place }
        return nil
    }

    /// Whether all is printable ASCII or a space.
    var isPrintable: Bool { allSatisfy { 0x20...0x7E ~= $0 } }
}
