// SPDX-License-Identifier: Apache-2.0
import CUnbound
import Glibc
import SluiceCore

/// Owns a `ub_ctx`, set up for asynchronous questions. Used by one thread at a time.
final class UnboundContext {
    private let context: OpaquePointer

    /// Zones that libunbound answers by itself (RFC 6303 and others), besides those of `unblock-lan-zones`. They are
    /// taken away, so that it is the DNS, or the forwarder, that says what they hold. `localhost.` and `onion.` stay
    /// (RFC 6761 §6.3, RFC 7686): nobody is to be asked about them.
    private static let localZones = [
        "test.", "invalid.", "home.arpa.", "127.in-addr.arpa.",
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.",
    ]

    init(_ configuration: UnboundResolver.Configuration) throws(UnboundError) {
        guard let context = ub_ctx_create() else {
            throw UnboundError(subject: "libunbound", meaning: "no context: out of memory or of descriptors")
        }
        self.context = context
        let options = [
            ("do-not-query-localhost:", "no"), ("unblock-lan-zones:", "yes"), ("edns-buffer-size:", "1232"),
            ("msg-cache-size:", "\(configuration.cacheSize)"), ("rrset-cache-size:", "\(configuration.cacheSize)"),
            // A server that was silent is asked again, rather than held to be dead for 15 minutes.
            ("infra-host-ttl:", "60"), ("infra-keep-probing:", "yes"),
            ("module-config:", configuration.trustAnchors == nil ? "iterator" : "validator iterator"),
        ]
        for (name, value) in options {
            try Self.check(ub_ctx_set_option(context, name, value), "the option \(name)")
        }
        if let anchors = configuration.trustAnchors {
            // libunbound reads the file later, and then does not say which one it was.
            guard access(anchors, R_OK) == 0 else {
                throw UnboundError(subject: "the trust anchors \(anchors)", meaning: String(cString: strerror(errno)))
            }
            try Self.check(ub_ctx_add_ta_file(context, anchors), "the trust anchors \(anchors)")
        }
        for forwarder in configuration.forwarders {
            try Self.check(ub_ctx_set_fwd(context, forwarder), "the forwarder “\(forwarder)”")
        }
        if configuration.forwarders.isEmpty, configuration.usesSystemForwarders {
            let status = ub_ctx_resolvconf(context, nil)
            // Without the file libunbound begins at the root.
            if status != UB_READFILE.rawValue { try Self.check(status, "/etc/resolv.conf") }
        }
        try Self.check(ub_ctx_async(context, 1), "libunbound's thread")
        // From here on the context takes no more options.
        for zone in Self.localZones {
            try Self.check(ub_ctx_zone_remove(context, zone), "the local zone \(zone)")
        }
    }

    /// Ends libunbound's thread and forgets what is under way; no callback comes after it.
    deinit { ub_ctx_delete(context) }

    private static func check(_ status: Int32, _ subject: String) throws(UnboundError) {
        guard status != 0 else { return }
        throw UnboundError(subject: subject, meaning: String(cString: ub_strerror(status)))
    }

    /// Becomes readable when there is something to ``process()``.
    var descriptor: Int32 { ub_fd(context) }

    /// Runs the callbacks of the answers at hand.
    func process() throws(UnboundError) { try Self.check(ub_process(context), "libunbound's answers") }

    /// Asks. The callback runs within ``process()``.
    ///
    /// - Parameter question: stays alive until its callback has run, it is cancelled, or the context has gone.
    /// - Returns: the id to cancel by.
    func ask(_ question: UnboundQuestion) throws(UnboundError) -> Int32 {
        var id: Int32 = 0
        let name = question.question.name
        let status = ub_resolve_async(
            context, name.isEmpty ? "." : name, Int32(question.question.type.number), 1,
            Unmanaged.passUnretained(question).toOpaque(), unboundAnswered, &id)
        try Self.check(status, name)
        return id
    }

    /// - Returns: whether the callback is sure not to come any more.
    func cancel(_ id: Int32) -> Bool { ub_cancel(context, id) == 0 }
}

/// What libunbound calls with an answer, on the thread that called `ub_process`.
private func unboundAnswered(
    _ data: UnsafeMutableRawPointer?, _ error: Int32, _ result: UnsafeMutablePointer<ub_result>?
) {
    defer { ub_resolve_free(result) }
    guard let data else { return }
    // The loop keeps the question alive while libunbound knows it.
    let question = Unmanaged<UnboundQuestion>.fromOpaque(data).takeUnretainedValue()
    question.answered(error == 0 ? result.map { UnboundAnswer.read($0.pointee, question.question.type) } : nil)
}
