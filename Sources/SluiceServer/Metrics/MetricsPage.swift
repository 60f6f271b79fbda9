// SPDX-License-Identifier: Apache-2.0
import NIOHTTP1

/// What a request to the metrics endpoint asks for. Pure.
enum MetricsPage: Hashable, Sendable {
    case metrics
    /// Whether the process answers at all.
    case health
    /// Whether it takes mail.
    case readiness
    /// Nothing that is there.
    case notFound
    /// Neither GET nor HEAD (RFC 9110 §9.1).
    case otherMethod

    /// - Parameter uri: the request's target; what follows a `?` says nothing here.
    init(_ method: HTTPMethod, _ uri: String) {
        guard method == .GET || method == .HEAD else {
            self = .otherMethod
            return
        }
        switch uri.prefix(while: { $0 != "?" }) {
        case "/metrics": self = .metrics
        case "/healthz": self = .health
        case "/readyz": self = .readiness
        default: self = .notFound
        }
    }
}

/// What is answered.
struct MetricsAnswer: Hashable, Sendable {
    var status: HTTPResponseStatus
    var contentType = "text/plain; charset=utf-8"
    var body: String
    /// The methods that are allowed, where the request's is not.
    var allow: String?

    static let healthy = MetricsAnswer(status: .ok, body: "ok\n")
    static let notFound = MetricsAnswer(
        status: .notFound, body: "There is nothing here but /metrics, /healthz and /readyz.\n")
    static let otherMethod = MetricsAnswer(status: .methodNotAllowed, body: "GET or HEAD.\n", allow: "GET, HEAD")
    static let failed = MetricsAnswer(status: .serviceUnavailable, body: "busy, try again later\n")

    static func ready(_ isReady: Bool) -> MetricsAnswer {
        isReady ? healthy : MetricsAnswer(status: .serviceUnavailable, body: "not taking mail\n")
    }

    static func metrics(_ text: String) -> MetricsAnswer {
        MetricsAnswer(status: .ok, contentType: Exposition.contentType, body: text)
    }

    /// The header section; one answer a connection.
    var headers: HTTPHeaders {
        var headers: HTTPHeaders = [
            "Content-Type": contentType, "Content-Length": "\(body.utf8.count)", "Connection": "close",
            "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
        ]
        if let allow { headers.add(name: "Allow", value: allow) }
        return headers
    }
}
