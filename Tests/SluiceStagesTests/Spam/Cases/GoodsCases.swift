// SPDX-License-Identifier: Apache-2.0

extension RuleCase {
    private static func said(_ text: String) -> SampleMail { SampleMail(text: text) }

    /// `rules/goods.cf`
    static let goods: [RuleCase] = [
        RuleCase("PHARMACY", hit: said("Viagra at low cost"), miss: said("Aspirin is sold out")),
        RuleCase("HEALTH_MIRACLE", hit: said("Lose 20 pounds in a week"), miss: said("The parcel weighs 20 pounds")),
        RuleCase("MANHOOD", hit: said("For your libido"), miss: said("For your library")),
        RuleCase("ADULT", hit: said("Free porn pictures"), miss: said("Free pictures of corn")),
        RuleCase("MORTGAGE", hit: said("Your mortgage at a new rate"), miss: said("Your heating at a new rate")),
        RuleCase("INSURANCE", hit: said("Cheap life insurance"), miss: said("The life of Brian")),
        RuleCase("GET_RICH", hit: said("Work from home, earn $500"), miss: said("I work from Tuesday on")),
        RuleCase("STOCK_TIP", hit: said("A penny stock to watch"), miss: said("The stock of paper is low")),
        RuleCase("BULK_SELLER", hit: said("Bulk email software"), miss: said("My email is broken")),
        RuleCase(
            "SOFTWARE_CHEAP", hit: said("Ink cartridges for all printers"), miss: said("The printer is out of paper")),
        RuleCase("LUXURY_COPY", hit: said("Replica watches"), miss: said("He watches television")),
        RuleCase("TRAVEL_BAIT", hit: said("Your dream vacation waits"), miss: said("Your vacation was approved")),
        RuleCase("CHEAP_CALLS", hit: said("Four cents a minute"), miss: said("Four minutes a day")),
        RuleCase("OFFER_FREE", hit: said("Order now, money-back"), miss: said("The order of the talks")),
        RuleCase("OFFER_DOMAIN_SLAM", hit: said("Your domain name registration"), miss: said("The public domain")),
    ]

    /// `rules/bulk.cf`
    static let bulk: [RuleCase] = [
        RuleCase(
            "REMOVE_EXCUSE", hit: said("To be removed from our list, write."),
            miss: said("The old chairs were removed.")),
        RuleCase("NOT_SPAM_EXCUSE", hit: said("This is not spam."), miss: said("Spam is tinned meat.")),
        RuleCase(
            "POSTAL_EXCUSE", hit: said("Unsubscribe by writing to 12 Main Street"), miss: said("We met in Main Street")),
        RuleCase("CLICK_HERE", hit: said("Click here."), miss: said("Come here.")),
        RuleCase("GREETING_NOBODY", hit: said("Dear valued customer,"), miss: said("Dear Bob,")),
        RuleCase(
            "SALE_ODD_HEADER", hit: .init(text: "Viagra at low cost", messageID: "broken"),
            miss: .init(text: "Viagra at low cost")),
        RuleCase(
            "SALE_HIDDEN_TARGET", hit: said("Viagra at http://192.0.2.1/"),
            miss: said("Viagra at http://www.example.org/")),
        RuleCase(
            "SALE_WITH_EXCUSE", hit: said("Viagra at low cost. To be removed from our list, write."),
            miss: said("Viagra at low cost.")),
        RuleCase(
            "SALE_WRONG_SENDER", hit: .init(from: "Jo, <jo@example.org>", text: "Viagra at low cost"),
            miss: said("Viagra at low cost")),
        RuleCase(
            "SIGNS_OF_THREE_KINDS",
            hit: .init(from: "Jo, <jo@example.org>", text: "Viagra at low cost, see http://192.0.2.1/"),
            miss: .init(text: "Viagra at low cost, see http://192.0.2.1/")),
        RuleCase(
            "SIGNS_OF_FOUR_KINDS",
            hit: .init(
                from: "Jo, <jo@example.org>", text: "Viagra at low cost, see http://192.0.2.1/", messageID: "broken"),
            miss: .init(from: "Jo, <jo@example.org>", text: "Viagra at low cost, see http://192.0.2.1/")),
    ]
}
