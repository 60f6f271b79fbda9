// SPDX-License-Identifier: Apache-2.0
import Foundation
package import SluiceCore

/// What a command asks of the running server, over the Unix socket in the state directory: one JSON line.
package struct ControlRequest: Sendable, Codable {
    /// Such as `queue list`.
    package var command: String
    package var arguments: [String: String]
    /// Who asks: recorded where it changes something.
    package var by: String

    package init(_ command: String, _ arguments: [String: String] = [:], by: String) {
        self.command = command
        self.arguments = arguments
        self.by = by
    }
}

/// What the server answers with: JSON lines, then one of these two.
package enum ControlAnswer: Sendable {
    case done([JSONValue])
    /// An exit code after sysexits, and why.
    case failed(Int, String)
}

/// The octets on the socket.
enum ControlCodec {
    /// The longest request.
    static let requestLimit = 64 << 10

    static func encode(_ request: ControlRequest) throws -> Data {
        var line = try JSONEncoder().encode(request)
        line.append(0x0A)
        return line
    }

    static func decode(_ line: some Sequence<UInt8>) throws -> ControlRequest {
        try JSONDecoder().decode(ControlRequest.self, from: Data(line))
    }

    /// Each value on a line as `{"value": …}`; the last line is `{"done": true}` or `{"failed": code, "why": …}`.
    static func encode(_ answer: ControlAnswer) -> String {
        switch answer {
        case .done(let values):
            values.map { "{\"value\": \($0.written)}\n" }.joined() + "{\"done\": true}\n"
        case .failed(let code, let why):
            JSONValue.object([.init("failed", .integer(code)), .init("why", .string(why))]).written + "\n"
        }
    }
}

/// Where the socket is.
package enum ControlSocket {
    /// The longest path of a Unix socket, in octets (`sun_path` without its final NUL).
    static let pathLimit = 107

    package static func path(state: String) -> String { state + "/control.sock" }
}
