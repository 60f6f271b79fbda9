// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix

/// Asks the metrics endpoint as an HTTP client would, octet by octet.
enum MetricsClient {
    struct Response: Sendable {
        /// `nil` where the connection was closed without an answer.
        var status: Int?
        var headers: [String] = []
        var body = ""

        func header(_ name: String) -> String? {
            headers.first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
                .map { String($0.dropFirst(name.utf8.count + 2)) }
        }
    }

    static func get(_ path: String, port: Int) async throws -> Response {
        try await ask("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", port: port)
    }

    /// Sends octets and reads until the other side closes.
    static func ask(_ request: String, port: Int) async throws -> Response {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        var octets = ByteBuffer()
        do {
            try await channel.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: request))
                for try await var part in inbound { octets.writeBuffer(&part) }
            }
        } catch {
            // A connection that was reset is closed, too.
            guard error is IOError || error is ChannelError else { throw error }
        }
        return response(String(buffer: octets))
    }

    private static func response(_ text: String) -> Response {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let lines = (parts.first ?? "").split(separator: "\r\n").map(String.init)
        guard let first = lines.first, first.hasPrefix("HTTP/1.") else { return Response() }
        return Response(
            status: first.split(separator: " ").dropFirst().first.flatMap { Int($0) },
            headers: Array(lines.dropFirst()), body: parts.count > 1 ? parts[1] : "")
    }
}

/// What an exposition says, read by itself.
struct MetricsText {
    struct Malformed: Error { var line: String }

    private(set) var values: [String: [String: Double]] = [:]
    private(set) var types: [String: String] = [:]
    /// In the order of the text.
    private(set) var names: [String] = []

    /// - Throws: where a line is none of the format, stands twice, or comes before its type.
    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Malformed(line: "the end") }
        for line in text.split(separator: "\n").map(String.init) {
            if line.hasPrefix("# HELP ") { continue }
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ").map(String.init)
                guard words.count == 4, types[words[2]] == nil else { throw Malformed(line: line) }
                types[words[2]] = words[3]
                names.append(words[2])
                continue
            }
            guard let match = line.wholeMatch(of: /([a-z_]+)(\{(.*)\})? (\S+)/), let value = Double(match.4) else {
                throw Malformed(line: line)
            }
            let name = String(match.1)
            let labels = (match.3 ?? "").replacing("\"", with: "")
            guard values[name]?[String(labels)] == nil, let family = names.last, name.hasPrefix(family) else {
                throw Malformed(line: line)
            }
            values[name, default: [:]][String(labels)] = value
        }
    }

    /// - Parameter labels: as in the text, without quotation marks.
    subscript(_ name: String, _ labels: String = "") -> Double? { values[name]?[labels] }
}
