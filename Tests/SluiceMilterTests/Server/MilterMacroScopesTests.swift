// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Testing

@testable import SluiceMilter

@Suite("Scopes of macros")
struct MilterMacroScopesTests {
    @Test("every step sees what was told before it, and nothing of what was told for later ones")
    func growing() {
        var script = MilterSessionScript()
        _ = script.take(.testMacros("C", ["j": "mx"]), .testConnect)
        #expect(script.macros.values == ["j": "mx"])
        _ = script.take(.testMacros("H", ["tls_version": "TLSv1.3"]), .testHelo)
        #expect(script.macros.values == ["j": "mx", "tls_version": "TLSv1.3"])
        _ = script.take(.testMacros("M", ["mail_addr": "a"]), .testMail)
        _ = script.take(.testMacros("R", ["rcpt_addr": "c"]), .testRecipient)
        #expect(script.macros.values == ["j": "mx", "tls_version": "TLSv1.3", "mail_addr": "a", "rcpt_addr": "c"])
        _ = script.take(.testMacros("T", ["i": "1"]), .data)
        #expect(script.macros["i"] == "1")
        _ = script.take(.testMacros("N", ["i": "2"]), .testHeader, .endOfHeader)
        #expect(script.macros["i"] == "2")
        _ = script.take(.testMacros("E", ["i": "3"]), .testEnd)
        #expect(script.macros["i"] == "3")
    }

    @Test("the macros of a message end with it, those of the client do not")
    func endOfMessage() {
        var script = MilterSessionScript()
        _ = script.take(.testMacros("C", ["j": "mx"]), .testConnect)
        for end in [.testEnd, .abort] as [MilterCommand] {
            _ = script.take(
                .testMacros("M", ["auth_authen": "ann", "i": "1"]), .testMail, .testMacros("T", ["i": "2"]), end)
            _ = script.take(.testMail)
            #expect(script.macros.values == ["j": "mx"])
            _ = script.take(.abort)
        }
        _ = script.take(.quitNewConnection, .testConnect)
        #expect(script.macros.values == [:])
    }

    @Test("another HELO ends the macros of the first, so that what was said in the clear is not taken for TLS")
    func repeatedHelo() {
        var script = MilterSessionScript()
        _ = script.take(.testMacros("C", ["j": "mx"]), .testConnect)
        _ = script.take(.testMacros("H", ["tls_version": "TLSv1.3"]), .testHelo, .testHelo)
        #expect(script.macros.values == ["j": "mx"])
    }

    @Test("macros may be told twice before a step, and before each field and the body as Postfix does")
    func repeated() {
        var script = MilterSessionScript()
        _ = script.take(.testConnect, .testMail)
        _ = script.take(.testMacros("R", ["rcpt_addr": "a"]), .testMacros("R", ["rcpt_addr": "b"]), .testRecipient)
        #expect(script.macros["rcpt_addr"] == "b")
        for _ in 0..<3 { _ = script.take(.testMacros("L", ["i": "1"]), .testHeader) }
        _ = script.take(.testMacros("B", ["i": "2"]), .testBody)
        #expect(script.macros["i"] == "1")
        _ = script.take(.testEnd)
        #expect(script.macros["i"] == "2")
    }

    @Test("macros for an unknown command are read and not kept")
    func unknown() {
        var script = MilterSessionScript()
        _ = script.take(.testMacros("U", ["i": "1"]), .testConnect, .testMail)
        #expect(script.macros.values == [:])
    }

    @Test("what is put together is right in whatever order the steps come")
    func model() {
        for seed in 1...100 as ClosedRange<UInt64> {
            var generator = MilterGenerator(seed: seed)
            var scopes = MilterMacroScopes()
            var model = [MilterMacros](repeating: MilterMacros(), count: 7)
            var isFresh = [Bool](repeating: false, count: 7)
            for _ in 0..<60 {
                let number = generator.number(0...6)
                let scope = MilterMacroScopes.Scope.allCases[number]
                switch generator.number(0...4) {
                case 0, 1:
                    let macros = generator.macros()
                    scopes.told(macros, for: scope)
                    (model[number], isFresh[number]) = (macros, true)
                case 2:
                    scopes.began(scope)
                    if !isFresh[number] { model[number] = MilterMacros() }
                    isFresh[number] = false
                    for later in model.indices.dropFirst(number + 1) {
                        (model[later], isFresh[later]) = (MilterMacros(), false)
                    }
                case 3:
                    scopes.ended(from: scope)
                    for later in model.indices.dropFirst(number) {
                        (model[later], isFresh[later]) = (MilterMacros(), false)
                    }
                default:
                    var all = MilterMacros()
                    for macros in model[...number] { all.merge(macros) }
                    #expect(scopes.all(upTo: scope) == all)
                }
            }
        }
    }
}
