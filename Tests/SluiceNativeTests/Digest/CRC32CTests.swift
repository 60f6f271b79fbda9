// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Testing

@testable import SluiceNative

@Suite struct CRC32CTests {
    @Test("the checksums of RFC 3720 appendix B.4")
    func published() {
        #expect(CRC32C.of(ByteBuffer(string: "123456789")) == 0xE306_9283)
        #expect(CRC32C.of(ByteBuffer(repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.of(ByteBuffer(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.of(ByteBuffer(bytes: 0..<32)) == 0x46DD_794E)
        #expect(CRC32C.of(ByteBuffer()) == 0)
    }

    @Test("in pieces it is what it is at once")
    func pieces() {
        let octets = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for cut in stride(from: 0, through: 1000, by: 13) {
            var checksum = CRC32C()
            checksum.update(ByteBuffer(bytes: octets[..<cut]))
            checksum.update(ByteBuffer(bytes: octets[cut...]))
            #expect(checksum.value == CRC32C.of(ByteBuffer(bytes: octets)))
        }
        var checksum = CRC32C()
        checksum.update(0x0807_0605_0403_0201)
        #expect(checksum.value == CRC32C.of(ByteBuffer(bytes: [1, 2, 3, 4, 5, 6, 7, 8])))
    }

    @Test("the tables give what the processor's instruction gives, at every length and alignment")
    func tables() {
        let octets = ByteBuffer(bytes: (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ 17) })
        for start in 0..<9 {
            for length in 0...(200 - start) {
                guard let slice = octets.getSlice(at: start, length: length) else { return #expect(Bool(false)) }
                var (first, second) = (CRC32C(), CRC32C())
                first.update(slice)
                second.updateByTables(slice)
                #expect(first.value == second.value)
            }
        }
    }
}
