// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SluiceNative
import Testing

@Suite("What the service manager is told") struct ServiceNotificationTests {
    /// A socket like systemd's: a path, or an abstract name after `@`.
    private final class Manager {
        let descriptor: Int32
        let name: String

        init(_ name: String) throws {
            self.name = name
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            var octets = Array(name.utf8)
            if octets[0] == UInt8(ascii: "@") { octets[0] = 0 }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + octets.count)
            let code = withUnsafePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            try #require(code == 0)
        }

        deinit {
            close(descriptor)
            unlink(name)
        }

        var received: String {
            var octets = [UInt8](repeating: 0, count: 100)
            let count = recv(descriptor, &octets, octets.count, Int32(MSG_DONTWAIT))
            return count < 0 ? "" : String(decoding: octets.prefix(count), as: UTF8.self)
        }
    }

    @Test("each state is one datagram, to a path or to an abstract name", arguments: ["/tmp/", "@"])
    func states(prefix: String) throws {
        let manager = try Manager(prefix + "sluice-notify-\(UInt64.random(in: 0 ..< .max))")
        let notification = try #require(ServiceNotification(environment: ["NOTIFY_SOCKET": manager.name]))
        let states: [ServiceNotification.State] = [.ready, .reloading, .stopping, .alive]
        for state in states {
            #expect(notification.send(state))
            #expect(manager.received == state.rawValue)
        }
        #expect(notification.watchdog == nil)
    }

    @Test("nobody is told where nobody asked, and a manager that has gone is no fault")
    func nobody() throws {
        #expect((ServiceNotification(environment: [:]) != nil) == false)
        #expect((ServiceNotification(environment: ["NOTIFY_SOCKET": ""]) != nil) == false)
        #expect((ServiceNotification(environment: ["NOTIFY_SOCKET": "relative"]) != nil) == false)
        let gone = try #require(ServiceNotification(environment: ["NOTIFY_SOCKET": "/nonexistent/socket"]))
        #expect(!gone.send(.ready))
        let long = try #require(
            ServiceNotification(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "a", count: 200)]))
        #expect(!long.send(.ready))
    }

    @Test("a watchdog waits for the process that it names, or for any")
    func watchdog() throws {
        func watchdog(_ more: [String: String]) throws -> Duration? {
            let environment = ["NOTIFY_SOCKET": "@x"].merging(more) { $1 }
            return try #require(ServiceNotification(environment: environment)).watchdog
        }
        #expect(try watchdog(["WATCHDOG_USEC": "3000000"]) == .seconds(3))
        #expect(try watchdog(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "\(getpid())"]) == .seconds(3))
        #expect(try watchdog(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"]) == nil)
        #expect(try watchdog([:]) == nil)
    }
}
