// SPDX-License-Identifier: Apache-2.0
import CLinux
import Foundation
import Glibc

/// Tells systemd, or whoever else started us so, how we are: a datagram to the socket that `NOTIFY_SOCKET` names
/// (sd_notify(3)).
package struct ServiceNotification: Sendable {
    package enum State: String, Sendable {
        case ready = "READY=1"
        case reloading = "RELOADING=1"
        case stopping = "STOPPING=1"
        case alive = "WATCHDOG=1"
    }

    private let socket: String
    /// Within that long ``State/alive`` has to be sent anew; `nil` where nobody waits for it.
    package let watchdog: Duration?

    /// - Returns: `nil` where nobody wants to know.
    package init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
        // A path, or an abstract name that begins with @.
        guard let socket = environment["NOTIFY_SOCKET"], let first = socket.utf8.first, socket.utf8.count > 1,
            first == UInt8(ascii: "/") || first == UInt8(ascii: "@")
        else { return nil }
        self.socket = socket
        let isForUs = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        watchdog = isForUs ? environment["WATCHDOG_USEC"].flatMap { Int64($0) }.map { .microseconds($0) } : nil
    }

    /// - Returns: whether it was sent. Where it was not, the manager finds out by itself: nothing else is to be done.
    @discardableResult
    package func send(_ state: State) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(socket.utf8)
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard name.count < capacity else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout.size(ofValue: address) - capacity + name.count)
        let connected = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
        }
        let octets = Array(state.rawValue.utf8)
        return connected == 0
            && sluice_send(descriptor, octets, octets.count, -1, Int32(MSG_DONTWAIT)) == octets.count
    }
}
