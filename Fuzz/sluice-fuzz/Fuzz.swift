// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceFuzzing

/// The target that `SLUICE_FUZZ_TARGET` names.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["SLUICE_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
        FileHandle.standardError.write(Data("SLUICE_FUZZ_TARGET must be one of: \(names)\n".utf8))
        exit(2)
    }
    return target
}()

/// What libFuzzer calls with every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments?>,
    _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// What the linker calls main. With `SLUICE_FUZZ_TARGET=list` it prints the names of all targets, and with
/// `SLUICE_FUZZ_SEEDS` it writes the target's seeds into that folder; else libFuzzer has the word.
@_cdecl("sluice_fuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    let environment = ProcessInfo.processInfo.environment
    if environment["SLUICE_FUZZ_TARGET"] == "list" {
        for target in FuzzTarget.allCases { print(target.rawValue) }
        return 0
    }
    if let folder = environment["SLUICE_FUZZ_SEEDS"] {
        for (number, seed) in target.seeds.enumerated() {
            let file = URL(filePath: folder).appending(path: "seed-\(number)")
            do {
                try Data(seed).write(to: file)
            } catch {
                FileHandle.standardError.write(Data("\(file.path): \(error)\n".utf8))
                return 2
            }
        }
        return 0
    }
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, testOneInput)
}
