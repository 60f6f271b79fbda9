// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServer

@Suite("The hold of a backup on the upkeep") struct UpkeepHoldTests {
    @Test("keeps upkeep off until it is released, and nobody else can take or release it")
    func held() {
        let hold = UpkeepHold(time: ManualTime())
        #expect(hold.hold(as: "one"))
        #expect(!hold.hold(as: "two") && !hold.release("two") && !hold.renew("two"))
        #expect(!hold.upkeepBegins())
        #expect(hold.renew("one") && hold.release("one"))
        #expect(!hold.release("one"))
        #expect(hold.upkeepBegins())
        hold.upkeepEnded()
        #expect(hold.hold(as: "two"))
    }

    @Test("ends by itself where it is not renewed in time, and its holder learns of that")
    func lease() {
        let time = ManualTime()
        let hold = UpkeepHold(time: time)
        #expect(hold.hold(as: "one"))
        time.advance(by: UpkeepHold.lease - .seconds(1))
        #expect(hold.renew("one"))
        time.advance(by: UpkeepHold.lease - .seconds(1))
        #expect(!hold.upkeepBegins())
        time.advance(by: .seconds(1))
        #expect(hold.upkeepBegins())
        #expect(!hold.renew("one") && !hold.release("one"))
    }

    @Test("is taken while an upkeep is under way, which it shows, and no second upkeep begins meanwhile")
    func underWay() {
        let hold = UpkeepHold(time: ManualTime())
        #expect(hold.upkeepBegins() && !hold.upkeepBegins())
        #expect(hold.hold(as: "one") && hold.isUnderWay)
        hold.upkeepEnded()
        #expect(!hold.isUnderWay && !hold.upkeepBegins())
    }
}
