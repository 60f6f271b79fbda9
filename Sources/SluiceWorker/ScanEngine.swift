// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import CClamAV
import Glibc
import SluiceWorkerProtocol

/// Owns a libclamav engine with its databases.
final class ScanEngine {
    private let engine: OpaquePointer
    private(set) var signatures = 0

    /// - Throws: ``ScanEngineError``.
    init(temporaryDirectory: String) throws(ScanEngineError) {
        guard let engine = cl_engine_new() else { throw ScanEngineError("no engine: out of memory") }
        self.engine = engine
        try Self.check(cl_engine_set_str(engine, CL_ENGINE_TMPDIR, temporaryDirectory), "the temporary folder")
        // It would call a file clean whose unpacking it has cut before, and which ``LayerWatch`` then never sees.
        try Self.check(cl_engine_set_num(engine, CL_ENGINE_DISABLE_CACHE, 1), "the cache")
        cl_engine_set_clcb_file_inspection(engine, layerFound)
    }

    deinit { cl_engine_free(engine) }

    /// Loads a folder of databases. Returns the number of signatures in it.
    ///
    /// libclamav's heuristics about links (`CL_DB_PHISHING_URLS`) stay off: what they say is no virus's name.
    func load(_ folder: String) throws(ScanEngineError) -> Int {
        var count: UInt32 = 0
        try Self.check(cl_load(folder, engine, &count, UInt32(CL_DB_PHISHING | CL_DB_BYTECODE)), folder)
        return Int(count)
    }

    func compile() throws(ScanEngineError) { try Self.check(cl_engine_compile(engine), "compiling the databases") }

    private static func check(_ code: cl_error_t, _ subject: String) throws(ScanEngineError) {
        guard code != CL_SUCCESS else { return }
        throw ScanEngineError("\(subject): \(String(cString: cl_strerror(code)))")
    }

    private func set(_ limits: ScanLimits) throws(ScanEngineError) {
        let values: [(cl_engine_field, Int)] = [
            (CL_ENGINE_MAX_SCANSIZE, limits.scanSize), (CL_ENGINE_MAX_FILESIZE, limits.fileSize + Self.trimMargin),
            (CL_ENGINE_MAX_RECURSION, limits.recursion), (CL_ENGINE_MAX_FILES, limits.files),
            (CL_ENGINE_MAX_SCANTIME, limits.milliseconds),
        ]
        for (field, value) in values {
            try Self.check(cl_engine_set_num(engine, field, Int64(value)), "limit \(field.rawValue)")
        }
    }

    /// Scans what the descriptor holds.
    func scan(_ content: Int32, _ limits: ScanLimits) throws(ScanEngineError) -> WorkerOutcome {
        try set(limits)
        var options = cl_scan_options()
        options.general = UInt32(CL_SCAN_GENERAL_HEURISTICS)
        options.parse = ~0
        options.heuristic = UInt32(CL_SCAN_HEURISTIC_EXCEEDS_MAX)
        var name: UnsafePointer<CChar>?
        var scanned: UInt = 0
        var watch = LayerWatch(limits)
        let code = withUnsafeMutablePointer(to: &watch) { watch in
            cl_scandesc_callback(content, "message", &name, &scanned, engine, &options, watch)
        }
        switch code {
        case CL_CLEAN: return watch.exceeded.map { .limitExceeded("\(Self.limitPrefix).\($0)") } ?? .clean
        case CL_VIRUS:
            // Content that is itself longer than a file may be is a hit without a name.
            guard let name else { return .limitExceeded("\(Self.limitPrefix).MaxFileSize") }
            return Self.outcome(String(cString: name))
        case CL_EMAXREC, CL_EMAXSIZE, CL_EMAXFILES, CL_ETIMEOUT:
            return .limitExceeded(String(cString: cl_strerror(code)))
        default: return .failed(String(cString: cl_strerror(code)))
        }
    }

    static let limitPrefix = "Heuristics.Limits.Exceeded"
    /// How much longer libclamav may unpack a file than it is allowed to be: what it cuts is so longer than allowed.
    private static let trimMargin = 1 << 20

    private static func outcome(_ name: String) -> WorkerOutcome {
        if name.hasPrefix(limitPrefix) { return .limitExceeded(name) }
        let suffix = ".UNOFFICIAL"
        return .infected(name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name)
    }
}

/// Looks out for files within the content that are longer than allowed. libclamav cuts some of them (an entry of a zip)
/// without a word, and finds the rest clean.
private struct LayerWatch {
    let limits: ScanLimits
    /// The limit that was met.
    var exceeded: String?

    init(_ limits: ScanLimits) { self.limits = limits }

    /// Whether libclamav may read that mail: it keeps each of its lines in memory, some 70 octets and the line itself.
    func mayRead(mail: UnsafeBufferPointer<CChar>) -> Bool {
        guard mail.count <= limits.mailSize else { return false }
        var lines = 0
        var start = 0
        while start < mail.count, let base = mail.baseAddress,
            let end = memchr(base + start, 0x0A, mail.count - start)
        {
            lines += 1
            start = UnsafeRawPointer(end) - UnsafeRawPointer(base) + 1
        }
        return lines <= limits.mailLines
    }
}

/// What libclamav calls for each file that it finds, on the thread that scans; the context is the scan's ``LayerWatch``.
private func layerFound(
    _: Int32, type: UnsafePointer<CChar>?, _: UnsafeMutablePointer<UnsafePointer<CChar>?>?, _: Int,
    _: UnsafePointer<CChar>?, size: Int, octets: UnsafePointer<CChar>?, _: UInt32, _: UInt32,
    context: UnsafeMutableRawPointer?
) -> cl_error_t {
    guard let watch = context?.assumingMemoryBound(to: LayerWatch.self) else { return CL_CLEAN }
    if size > watch.pointee.limits.fileSize { watch.pointee.exceeded = "MaxFileSize" }
    guard let type, strcmp(type, "CL_TYPE_MAIL") == 0,
        !watch.pointee.mayRead(mail: UnsafeBufferPointer(start: octets, count: octets == nil ? 0 : size))
    else { return CL_CLEAN }
    watch.pointee.exceeded = "MaxMailLines"
    return CL_BREAK
}

struct ScanEngineError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
