// SPDX-License-Identifier: Apache-2.0
import CUnbound
import SluiceCore

/// Turns libunbound's result into our answer.
enum UnboundAnswer {
    /// What a server may answer with and still be heard: no data (0) or no such name (3); RFC 1035 §4.1.1.
    private static let nameErrorCode: Int32 = 3

    static func read(_ result: ub_result, _ type: DNSRecordType) -> DNSAnswer {
        let timeToLive = Int(max(0, result.ttl))
        let isSecure = result.secure != 0
        // What DNSSEC refutes is no answer.
        guard result.bogus == 0 else { return DNSAnswer(.serverFailure) }
        if result.nxdomain != 0 || result.rcode == nameErrorCode {
            return DNSAnswer(.nameError, timeToLive: timeToLive, isSecure: isSecure)
        }
        guard result.rcode == 0 else { return DNSAnswer(.serverFailure) }
        guard result.havedata != 0 else {
            return DNSAnswer(.noData, timeToLive: timeToLive, isSecure: isSecure)
        }
        guard let records = records(of: result, type), !records.isEmpty else { return DNSAnswer(.serverFailure) }
        return DNSAnswer(.records, records, timeToLive: timeToLive, isSecure: isSecure)
    }

    /// `nil` where one of them is not of the type's form: such a set is not believed in part.
    private static func records(of result: ub_result, _ type: DNSRecordType) -> [DNSRecordData]? {
        guard let data = result.data, let lengths = result.len else { return nil }
        var records: [DNSRecordData] = []
        var index = 0
        // The list ends with a null pointer; a message of 64 KiB bounds it.
        while index < 65_536, let start = data[index] {
            let octets = Array(UnsafeRawBufferPointer(start: start, count: Int(max(0, lengths[index]))))
            guard let record = WireRecord.read(type, octets) else { return nil }
            records.append(record)
            index += 1
        }
        return records
    }
}
