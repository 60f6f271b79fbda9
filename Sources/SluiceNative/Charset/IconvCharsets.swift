// SPDX-License-Identifier: Apache-2.0
import Glibc
import SluiceCore

/// The character sets of the C library, behind those that need no table.
package struct IconvCharsets: CharsetConverter {
    package init() {}

    package func text(of octets: [UInt8], in charset: String) -> String? {
        if let text = BasicCharsets().text(of: octets, in: charset) { return text }
        guard let name = CharsetNames.iconvName(charset.asciiLowercased()), let descriptor = IconvDescriptor(from: name)
        else { return nil }
        return descriptor.text(of: octets)
    }
}

/// An open conversion to UTF-8. Used by one call only, since iconv keeps state in it.
private struct IconvDescriptor: ~Copyable {
    private let descriptor: iconv_t

    init?(from name: String) {
        guard let descriptor = iconv_open("UTF-8", name), Int(bitPattern: descriptor) != -1 else { return nil }
        self.descriptor = descriptor
    }

    deinit { iconv_close(descriptor) }

    /// Converts all octets. One that can't be converted stands as U+FFFD, so every step goes on by at least one octet
    /// or fills the output.
    func text(of octets: [UInt8]) -> String {
        var input = octets.map { CChar(bitPattern: $0) }
        var converted: [UInt8] = []
        converted.reserveCapacity(octets.count * 2)
        var output = [CChar](repeating: 0, count: 8192)
        var offset = 0
        while offset < input.count {
            var inputLeft = input.count - offset
            var outputLeft = output.count
            let code = input.withUnsafeMutableBufferPointer { input in
                output.withUnsafeMutableBufferPointer { output in
                    var inputPosition = input.baseAddress.map { $0 + offset }
                    var outputPosition = output.baseAddress
                    return iconv(descriptor, &inputPosition, &inputLeft, &outputPosition, &outputLeft) == -1
                        ? errno : 0
                }
            }
            let before = offset
            offset = input.count - inputLeft
            let produced = output.count - outputLeft
            converted += output[..<produced].lazy.map { UInt8(bitPattern: $0) }
            if code == 0 || (code == E2BIG && (produced > 0 || offset > before)) { continue }
            converted += [0xEF, 0xBF, 0xBD]
            // EINVAL: a character that the end cuts off.
            if code == EINVAL { break }
            offset += 1
        }
        return String(decoding: converted, as: UTF8.self)
    }
}
