// SPDX-License-Identifier: Apache-2.0
import Glibc
import NIOCore

/// What a system call or the network said, in words for an operator: `Connection refused`.
package enum SocketErrorText {
    /// - Parameter error: as NIO throws it from connecting or listening.
    package static func text(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout(let limit): "no answer within \(limit.nanoseconds / 1_000_000_000) s"
        default: "\(error)"
        }
    }
}
