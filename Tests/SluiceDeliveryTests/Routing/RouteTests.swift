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

    @Test("a domain's policy weighs more than its route's, and sets its mail apart")
    func policies() throws {
        let inner = try #require(Route("smtp://inner:25"))
        let table = RouteTable(
            domains: ["a.test": inner, "b.test": inner], defaultRoute: .mx,
            domainPolicies: [
                "B.test": DestinationPolicy(tls: .required, connections: 2), "c.test": DestinationPolicy(),
            ],
            routePolicies: [inner: DestinationPolicy(tls: ClientTLSMode.none, connections: 7)])
        func mailbox(_ domain: String) -> Mailbox { Mailbox(localPart: "x", domain: domain) }
        #expect(table.policy(for: mailbox("a.test")) == DestinationPolicy(tls: ClientTLSMode.none, connections: 7))
        #expect(table.policy(for: mailbox("b.test")) == DestinationPolicy(tls: .required, connections: 2))
        #expect(table.policy(for: mailbox("d.test")) == DestinationPolicy())
        #expect(table.destination(for: mailbox("a.test")) == Destination("smtp://inner:25"))
        #expect(table.destination(for: mailbox("b.test")) == Destination("smtp://inner:25 for b.test"))
        #expect(table.destination(for: mailbox("c.test")) == Destination("c.test"))
        #expect(
            table.connectionLimits
                == [Destination("smtp://inner:25"): 7, Destination("smtp://inner:25 for b.test"): 2])
    }

    @Test("what goes back to the MTA that it came from keeps to the policy of that route, not of the domain")
    func reinjected() throws {
        let mta = try #require(Route("smtp://127.0.0.1:10026"))
        let table = RouteTable(
            domains: [:], defaultRoute: .mx, reinjection: ["postfix": mta],
            domainPolicies: ["a.test": DestinationPolicy(tls: .required)],
            routePolicies: [mta: DestinationPolicy(tls: ClientTLSMode.none)])
        let mailbox = Mailbox(localPart: "x", domain: "a.test")
        let origin = ItemOrigin(listener: "postfix")
        #expect(table.policy(for: mailbox, from: origin) == DestinationPolicy(tls: ClientTLSMode.none))
        #expect(table.destination(for: mailbox, from: origin) == Destination(mta.description))
        #expect(table.policy(for: mailbox, from: ItemOrigin(listener: "gone")) == DestinationPolicy(tls: .required))
        #expect(table.destination(for: mailbox) == Destination("a.test"))
    }
}
