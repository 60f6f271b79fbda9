// SPDX-License-Identifier: Apache-2.0
import NIOHTTP1
import Testing

@testable import SluiceServer

@Suite("The pages of the metrics endpoint") struct MetricsPageTests {
    @Test(
        "are three, for GET and HEAD; anything else is refused",
        arguments: [
            (HTTPMethod.GET, "/metrics", MetricsPage.metrics), (.HEAD, "/metrics", .metrics),
            (.GET, "/metrics?name[]=a", .metrics), (.GET, "/healthz", .health), (.GET, "/readyz", .readiness),
            (.GET, "/", .notFound), (.GET, "/metrics/", .notFound), (.GET, "/../metrics", .notFound),
            (.GET, "", .notFound), (.POST, "/metrics", .otherMethod), (.DELETE, "/nothing", .otherMethod),
            (.OPTIONS, "*", .otherMethod), (.TRACE, "/metrics", .otherMethod),
        ])
    func pages(_ method: HTTPMethod, _ uri: String, _ page: MetricsPage) {
        #expect(MetricsPage(method, uri) == page)
    }

    @Test("an answer says how long it is, that it is the last, and which methods there are")
    func headers() {
        let answer = MetricsAnswer.metrics("ü\n")
        #expect(answer.headers["Content-Length"] == ["3"])
        #expect(answer.headers["Content-Type"] == ["text/plain; version=0.0.4; charset=utf-8"])
        #expect(answer.headers["Connection"] == ["close"])
        #expect(answer.headers["Allow"] == [])
        #expect(MetricsAnswer.otherMethod.headers["Allow"] == ["GET, HEAD"])
        #expect(MetricsAnswer.ready(false).status == .serviceUnavailable)
        #expect(MetricsAnswer.ready(true).status == .ok)
    }
}
