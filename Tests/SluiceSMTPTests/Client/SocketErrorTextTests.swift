// SPDX-License-Identifier: Apache-2.0
import Glibc
import NIOCore
import SluiceSMTP
import Testing

@Suite("What the network said, in words") struct SocketErrorTextTests {
    @Test("is the system's sentence alone, without the call and the number")
    func systemCall() {
        #expect(SocketErrorText.text(IOError(errnoCode: ECONNREFUSED, reason: "connect(…)")) == "Connection refused")
        #expect(SocketErrorText.text(IOError(errnoCode: EADDRINUSE, reason: "bind(…)")) == "Address already in use")
    }

    @Test("names the time that was waited, and what is not known as it is")
    func others() {
        #expect(SocketErrorText.text(ChannelError.connectTimeout(.seconds(30))) == "no answer within 30 s")
        #expect(SocketErrorText.text(ChannelError.eof) == "\(ChannelError.eof)")
    }
}
