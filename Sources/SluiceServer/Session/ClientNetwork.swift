// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension IPAddress {
    /// The network that most often belongs to one customer or attacker: /24, or /64 where the address is an IPv6 one.
    var clientNetwork: IPNetwork { IPNetwork(of: self, prefix: isIPv4 ? 24 : 64) }

    /// What counts as one client: an IPv4 address; for IPv6 the /64, of which whoever has one address has all.
    var clientKey: IPNetwork { IPNetwork(of: self, prefix: isIPv4 ? 32 : 64) }
}
