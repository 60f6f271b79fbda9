// SPDX-License-Identifier: Apache-2.0
import CSPF2
import Glibc
import SluiceCore

/// The door to libspf2: evaluates one directive against answers at hand, without ever asking the network.
///
/// Debian's libspf2 1.2.10 departs from RFC 7208 and is unsafe in its macro parser (CVE-2023-42118), and it forgets in
/// silence what a record holds beyond 511 octets of its compiled form (some 64 directives). So it is given what our own
/// grammar has read, a directive at a time, written anew by ``SPFDirectiveRun`` with its macros expanded. That also says
/// which directive a look-up belongs to, which the limits of RFC 7208 §4.6.4 need to know.
///
/// It owns an `SPF_server_t` and the DNS layer that this asks. A call takes some microseconds and never waits, so it
/// needs no thread of its own. libspf2 keeps no state outside its handles.
struct LibSPF2: ~Copyable {
    /// What a look-up finds; `nil` where the answer is not at hand, which ends the run.
    typealias Lookup = (_ name: String, _ type: DNSRecordType) -> DNSAnswer?

    enum Outcome: Equatable {
        /// The directive matches, and this is what its qualifier says.
        case matched(SPFResult)
        case notMatched
        /// It ended without a result: for want of an answer, or by an error.
        case ended(code: UInt32)
    }

    private let dns: UnsafeMutablePointer<SPF_dns_server_t>
    private let server: UnsafeMutablePointer<SPF_server_t>
    private let currentDomain: UnsafeMutablePointer<CChar>

    /// - Returns: `nil` where memory is out.
    init?() {
        dns = .allocate(capacity: 1)
        dns.initialize(to: SPF_dns_server_t())
        dns.pointee.lookup = lookUp
        // Without a destructor the layer stays ours when the server is freed.
        guard let made = SPF_server_new_dns(dns, 0) else {
            dns.deallocate()
            return nil
        }
        server = made
        let name = "current.invalid".utf8CString
        currentDomain = .allocate(capacity: name.count)
        for (index, octet) in name.enumerated() { (currentDomain + index).initialize(to: octet) }
        // What libspf2 would say to the client is never used: keep it from expanding its macros.
        var response: UnsafeMutablePointer<SPF_response_t>?
        _ = SPF_server_set_explanation(server, "no", &response)
        if let response { SPF_response_free(response) }
        _ = SPF_server_set_rec_dom(server, "receiver.invalid")
    }

    deinit {
        SPF_server_free(server)
        dns.deinitialize(count: 1)
        dns.deallocate()
        currentDomain.deallocate()
    }

    /// Evaluates a record of one directive.
    ///
    /// It goes by the compiler and the interpreter, as libspf2's entry points let pass whatever comes from 127/8.
    borrowing func evaluate(record text: String, client: IPAddress, lookup: @escaping Lookup) -> Outcome {
        guard let request = SPF_request_new(server) else { return .ended(code: SPF_E_NO_MEMORY.rawValue) }
        defer { SPF_request_free(request) }
        Self.set(client, on: request)
        // Borrowed by the request, which does not free it.
        request.pointee.cur_dom = UnsafePointer(currentDomain)
        guard let response = SPF_response_new(request) else { return .ended(code: SPF_E_NO_MEMORY.rawValue) }
        defer { SPF_response_free(response) }

        let source = LookupSource(lookup)
        // Valid for the call: `source` lives until its end, and the layer forgets it then.
        dns.pointee.hook = Unmanaged.passUnretained(source).toOpaque()
        defer { dns.pointee.hook = nil }

        var record: UnsafeMutablePointer<SPF_record_t>?
        let compiled = SPF_record_compile(server, response, &record, text)
        guard let record else { return .ended(code: compiled.rawValue) }
        defer { SPF_record_free(record) }
        guard compiled == SPF_E_SUCCESS else { return .ended(code: compiled.rawValue) }
        response.pointee.spf_record_exp = record
        let error = withExtendedLifetime(source) { SPF_record_interpret(record, request, response, 0) }
        guard error == SPF_E_SUCCESS else { return .ended(code: error.rawValue) }
        return Self.outcome(response)
    }

    private static func set(_ client: IPAddress, on request: UnsafeMutablePointer<SPF_request_t>) {
        if client.isIPv4 {
            _ = SPF_request_set_ipv4(request, inAddress(client))
        } else {
            _ = SPF_request_set_ipv6(request, in6Address(client))
        }
    }

    private static func outcome(_ response: UnsafeMutablePointer<SPF_response_t>) -> Outcome {
        guard SPF_response_reason(response) == SPF_REASON_MECH else { return .notMatched }
        return switch SPF_response_result(response) {
        case SPF_RESULT_PASS: .matched(.pass)
        case SPF_RESULT_FAIL: .matched(.fail)
        case SPF_RESULT_SOFTFAIL: .matched(.softfail)
        case SPF_RESULT_NEUTRAL: .matched(.neutral)
        // INVALID, NONE, TEMPERROR, PERMERROR and values we do not know: no directive gives them.
        default: .ended(code: SPF_response_errcode(response).rawValue)
        }
    }
}

/// What the DNS layer's hook points to during a call.
private final class LookupSource {
    let lookup: LibSPF2.Lookup
    init(_ lookup: @escaping LibSPF2.Lookup) { self.lookup = lookup }
}

private func inAddress(_ address: IPAddress) -> in_addr {
    var value = in_addr()
    withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: address.octets.prefix(4)) }
    return value
}

private func in6Address(_ address: IPAddress) -> in6_addr {
    var value = in6_addr()
    withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: address.octets.prefix(16)) }
    return value
}

/// `SPF_dns_server_t.lookup`: answers from the table, or ends the run with "try again".
private func lookUp(
    server: UnsafeMutablePointer<SPF_dns_server_t>?, domain: UnsafePointer<CChar>?, type: ns_type, cache: CInt
) -> UnsafeMutablePointer<SPF_dns_rr_t>? {
    let question: DNSRecordType? =
        switch type {
        case ns_t_a: .a
        case ns_t_aaaa: .aaaa
        case ns_t_mx: .mx
        case ns_t_ptr: .ptr
        // libspf2 asks for nothing else where there is neither include nor redirect nor exp.
        default: nil
        }
    guard let hook = server?.pointee.hook, let domain, let question else {
        return SPF_dns_rr_new_init(server, domain, type, 0, NO_DATA)
    }
    let source = Unmanaged<LookupSource>.fromOpaque(hook).takeUnretainedValue()
    guard let answer = source.lookup(String(cString: domain), question) else {
        return SPF_dns_rr_new_init(server, domain, type, 0, TRY_AGAIN)
    }
    let status: CInt =
        switch answer.outcome {
        case .records: NETDB_SUCCESS
        case .noData: NO_DATA
        case .nameError: HOST_NOT_FOUND
        case .serverFailure, .timedOut: TRY_AGAIN
        }
    // libspf2 ends the process where it gets no answer set, so only where memory is out.
    guard let set = SPF_dns_rr_new_init(server, domain, type, 0, status) else { return nil }
    for record in answer.records { append(record, type: question, to: set) }
    return set
}

private func append(_ record: DNSRecordData, type: DNSRecordType, to set: UnsafeMutablePointer<SPF_dns_rr_t>) {
    let index = Int(set.pointee.num_rr)
    switch (record, type) {
    case (.address(let address), .a) where address.isIPv4, (.address(let address), .aaaa) where !address.isIPv4:
        guard let slot = slot(index, octets: address.octets.count, of: set) else { return }
        UnsafeMutableRawPointer(slot).copyMemory(from: address.octets, byteCount: address.octets.count)
    case (.mailExchange(_, let name), .mx), (.name(let name), .ptr):
        // A name with a NUL inside is none.
        let octets = name.utf8CString.map { UInt8(bitPattern: $0) }
        guard !octets.dropLast().contains(0), let slot = slot(index, octets: octets.count, of: set) else { return }
        UnsafeMutableRawPointer(slot).copyMemory(from: octets, byteCount: octets.count)
    default: return
    }
    set.pointee.num_rr += 1
}

private func slot(
    _ index: Int, octets: Int, of set: UnsafeMutablePointer<SPF_dns_rr_t>
) -> UnsafeMutablePointer<SPF_dns_rr_data_t>? {
    guard SPF_dns_rr_buf_realloc(set, CInt(index), octets) == SPF_E_SUCCESS else { return nil }
    return set.pointee.rr[index]
}
