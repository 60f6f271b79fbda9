// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SluiceMilter

@Suite("Macros")
struct MilterMacrosTests {
    @Test("braces are no part of a macro's name")
    func braces() {
        var macros = MilterMacros()
        macros.set("{auth_authen}", to: "ann")
        macros.set("i", to: "4FABC")
        #expect(macros["auth_authen"] == "ann")
        #expect(macros["i"] == "4FABC")
        #expect(MilterMacros.written("auth_authen") == "{auth_authen}")
        #expect(MilterMacros.written("i") == "i")
    }

    @Test("an empty value counts as missing, and a later value replaces an earlier one")
    func values() {
        var macros = MilterMacros(["auth_authen": "", "i": "1"])
        macros.merge(MilterMacros(["i": "2"]))
        #expect(macros["auth_authen"] == nil)
        #expect(macros["i"] == "2")
    }
}
