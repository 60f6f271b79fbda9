// SPDX-License-Identifier: Apache-2.0
import Glibc
import NIOCore

/// What the network said, in words for an operator: `Connection refused`.
enum MilterSocketError {
    static func text(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout(let limit): "no answer within \(limit.nanoseconds / 1_000_000) ms"
        default: "\(error)"
        }
    }
}
