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
            let step = step(&input, from: offset, &output)
            converted += output[..<step.produced].lazy.map { UInt8(bitPattern: $0) }
            offset += step.consumed
            if step.code == 0 || (step.code == E2BIG && step.produced + step.consumed > 0) { continue }
            converted += [0xEF, 0xBF, 0xBD]
            // EINVAL: a character that the end cuts off.
            if step.code == EINVAL { break }
            offset += 1
        }
        // Some character sets keep back a character that the next may combine with.
        converted += output[..<rest(&output)].lazy.map { UInt8(bitPattern: $0) }
        return String(decoding: converted, as: UTF8.self)
    }

    /// Converts what fits into the output.
    private func step(
        _ input: inout [CChar], from offset: Int, _ output: inout [CChar]
    ) -> (code: Int32, consumed: Int, produced: Int) {
        let inputCount = input.count - offset
        let outputCount = output.count
        var inputLeft = inputCount
        var outputLeft = outputCount
        let code = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                var inputPosition = input.baseAddress.map { $0 + offset }
                var outputPosition = output.baseAddress
                return iconv(descriptor, &inputPosition, &inputLeft, &outputPosition, &outputLeft) == -1 ? errno : 0
            }
        }
        return (code, inputCount - inputLeft, outputCount - outputLeft)
    }

    /// Takes what was kept back; returns how much it is.
    private func rest(_ output: inout [CChar]) -> Int {
        let outputCount = output.count
        var outputLeft = outputCount
        output.withUnsafeMutableBufferPointer { output in
            var outputPosition = output.baseAddress
            _ = iconv(descriptor, nil, nil, &outputPosition, &outputLeft)
        }
        return outputCount - outputLeft
    }
}
