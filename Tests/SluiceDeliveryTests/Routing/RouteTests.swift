// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceDelivery
import SluiceQueue
import SluiceSMTP
import Testing

@Suite("Routes")
struct RouteTests {
    @Test(
        "a route is read and written",
        arguments: [
            ("mx", Route.mx), ("MX", .mx), ("smtp://192.0.2.5:2525", .host(.smtp, name: "192.0.2.5", port: 2525)),
            ("smtp://Mail.Example.org", .host(.smtp, name: "mail.example.org", port: 25)),
            ("lmtp://localhost", .host(.lmtp, name: "localhost", port: 24)),
            ("smtp://[2001:db8::1]:26", .host(.smtp, name: "2001:db8::1", port: 26)),
        ])
    func read(_ text: String, _ route: Route) {
        #expect(Route(text) == route)
        #expect(Route(route.description) == route)
    }

    @Test(
        "what is no route is refused",
        arguments: [
            "", "smtp", "smtp://", "smtp://:25", "http://x", "smtp://a:0", "smtp://a:65536", "smtp://a:b", "smtp://a:",
            "smtp://a b", "smtp://a/b", "smtp://u@a", "smtp://[::1", "smtp://[192.0.2.1]", "smtp://a\r\nb", "mx ",
            "smtp://2001:db8::1",
        ])
    func refuse(_ text: String) {
        #expect(Route(text) == nil)
    }

    @Test("relay domains go by their routes, all else by the default route")
    func table() throws {
        let inner = try #require(Route("smtp://inner:25"))
        let table = RouteTable(domains: ["Example.ORG": inner, "x.example": .mx], defaultRoute: Route("smtp://smart"))
        func nextHop(_ domain: String) -> NextHop { table.nextHop(for: Mailbox(localPart: "a", domain: domain)) }
        #expect(nextHop("example.org") == .route(inner))
        #expect(nextHop("sub.example.org") == .route(.host(.smtp, name: "smart", port: 25)))
        #expect(nextHop("x.example") == .domain("x.example"))
        #expect(nextHop("x.example").destination == Destination("x.example"))
        let back = try #require(Route("smtp://127.0.0.1:10026"))
        let door = RouteTable(domains: ["example.org": inner], reinjection: ["mta": back])
        let mailbox = Mailbox(localPart: "a", domain: "example.org")
        #expect(door.nextHop(for: mailbox, from: ItemOrigin(listener: "mta")) == .route(back))
        #expect(door.nextHop(for: mailbox, from: ItemOrigin(listener: "gone")) == .route(inner))
        #expect(door.nextHop(for: mailbox) == .route(inner))
        let closed = RouteTable(domains: [:])
        #expect(closed.nextHop(for: Mailbox(localPart: "a", domain: "b.example")) == .unrouted("b.example"))
    }
}
