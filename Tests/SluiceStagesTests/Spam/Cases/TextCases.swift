// SPDX-License-Identifier: Apache-2.0

extension RuleCase {
    private static func base64(_ text: String) -> SampleMail {
        SampleMail(
            whole: "From: a@example.org\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\n\(text)\r\n")
    }

    private static func said(_ text: String) -> SampleMail { SampleMail(text: text) }

    /// `rules/text.cf`
    static let text: [RuleCase] = [
        RuleCase(
            "GTUBE", hit: said("XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"),
            miss: said("XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.35X")),
        RuleCase(
            "TEXT_LOOKALIKE", hit: said("Y\u{043E}ur \u{0430}ccount w\u{0430}s cl\u{043E}sed"),
            miss: said("Ваш аккаунт was closed")),
        RuleCase("TEXT_STYLED", hit: said("𝓒𝓵𝓲𝓬𝓴 below"), miss: said("Click below")),
        RuleCase(
            "TEXT_INVISIBLE",
            hit: said("a\u{200B}b\u{200B}c\u{200B}d\u{200B}e\u{200B}f\u{200B}g\u{200B}h\u{200B}i\u{200B}j\u{200B}k"),
            miss: said("soft\u{00AD}hyphen")),
        RuleCase("TEXT_SPACED_LETTERS", hit: said("Get F R E E pills, V-I-A-G-R-A"), miss: said("Plan A, B and C")),
        RuleCase(
            "TEXT_CAPITALS", hit: said(String(repeating: "I NEED YOUR HELP IN THIS. ", count: 12)),
            miss: said(String(repeating: "I need your help in this. ", count: 12))),
        RuleCase("TEXT_NEEDLESSLY_ENCODED", hit: base64("SGVsbG8sIHBsYWluIHRleHQ="), miss: base64("R3LDvMOfZQ==")),
        RuleCase(
            "TEXT_NAMES_ADDRESS", hit: said("Dear bob@example.net, look"),
            miss: said("Dear Bob, write to bob@example.net")),
        RuleCase("TEXT_PLACEHOLDER", hit: said("Hello {{first_name}}, look"), miss: said("Hello {Bob}, look")),
        RuleCase("TEXT_SERIAL", hit: said("Some words.\r\n\r\n6117kFvc5--9"), miss: said("Room 6117, floor 5-9")),
        RuleCase("TEXT_DISGUISED", hit: said("cheap v1agra"), miss: said("cheap flights")),
        RuleCase(
            "TEXT_CHARSET_FALSE",
            hit: .init(whole: "From: a@example.org\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nGrüße\r\n"),
            miss: .init(whole: "From: a@example.org\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nGruss\r\n")),
    ]

    /// `rules/account.cf`
    static let account: [RuleCase] = [
        RuleCase(
            "ACCOUNT_ALARM", hit: said("Your account has been suspended."),
            miss: said("The meeting has been suspended.")),
        RuleCase("ACCOUNT_CONFIRM", hit: said("Please verify your account."), miss: said("The minutes were verified.")),
        RuleCase("ACCOUNT_DEADLINE", hit: said("Answer within 24 hours."), miss: said("The shop is open 24 hours.")),
        RuleCase(
            "PARCEL_FEE", hit: said("Your package is held at customs."), miss: said("Your package arrived. Thank you.")),
        RuleCase(
            "OFFICE_THREAT", hit: said("You are formally served by the District Court."),
            miss: said("The tennis court is free.")),
        RuleCase(
            "FALSE_BILL", hit: said("Your membership for Norton was renewed."),
            miss: said("Your membership of the club was renewed.")),
        RuleCase(
            "FALSE_BILL_BY_PHONE",
            hit: said("Your Norton subscription has been renewed. To cancel call +1 (805) 555-0123 today."),
            miss: said("Your Norton subscription has been renewed. To cancel use the settings.")),
        RuleCase(
            "FALSE_BILL_FREEMAIL",
            hit: .init(from: "Jo <jo@gmail.com>", text: "Your PayPal subscription was successfully charged."),
            miss: said("Your PayPal subscription was successfully charged.")),
        RuleCase("WALLET_BAIT", hit: said("Claim your bitcoin balance."), miss: said("Bitcoin fell by a tenth.")),
        RuleCase("MAIL_QUOTA", hit: said("Your mailbox is almost full."), miss: said("The bus was almost full.")),
        RuleCase(
            "PHISH_WRONG_SENDER", hit: .init(from: "PayPal <x@example.org>", text: "Please verify your account."),
            miss: .init(from: "PayPal <x@paypal.com>", text: "Please verify your account.")),
        RuleCase(
            "PHISH_HIDDEN_TARGET", hit: said("Please verify your account: https://bit.ly/3x"),
            miss: said("Please verify your account: https://www.example.org/")),
    ]

    /// `rules/fraud.cf`
    static let fraud: [RuleCase] = [
        RuleCase("ADVANCE_FEE", hit: Self.inheritance(), miss: said("My late father left me a clock, worth little.")),
        RuleCase(
            "ADVANCE_FEE_HINTS",
            hit: .init(from: "Jo <jo@gmail.com>", text: "In strict confidence, as next of kin of the deceased."),
            miss: said("In strict confidence, as next of kin of the deceased.")),
        RuleCase("ADVANCE_FEE_SENDER", hit: Self.inheritance(from: "Jo <jo@gmail.com>"), miss: Self.inheritance()),
        RuleCase("LOTTERY", hit: said("The lottery draw is over."), miss: said("The drawing is over.")),
        RuleCase(
            "LOTTERY_WON", hit: said("Congratulations! The lottery chose you."),
            miss: said("The lottery funds the museum.")),
        RuleCase("PRIZE", hit: said("Claim your prize today."), miss: said("The Nobel prize was given today.")),
        RuleCase("PRIZE_SURVEY", hit: said("Take our short survey."), miss: said("The land survey is done.")),
        RuleCase(
            "PRIZE_BY_SURVEY", hit: said("Take our survey and claim your reward."), miss: said("Take our survey.")),
        RuleCase(
            "PRIZE_WRONG_SENDER", hit: .init(from: "Lucky, <x@example.org>", text: "Claim your reward."),
            miss: said("Claim your reward.")),
        RuleCase(
            "EXTORTION", hit: said("I have recorded you through your webcam."),
            miss: said("The concert was recorded through a webcam.")),
        RuleCase(
            "EXTORTION_BITCOIN",
            hit: said("I have recorded you. Pay to 1BoatSLRHtKNngkdXEeobR76b53LETtpyT now."),
            miss: said("I have recorded you. Pay me now.")),
        RuleCase(
            "MAIL_ORDER_LOVE", hit: said("Meet beautiful women tonight."), miss: said("Meet us at the station tonight.")
        ),
        RuleCase("CASINO", hit: said("Free spins at our casino."), miss: said("The washing machine spins.")),
        RuleCase("EASY_LOAN", hit: said("Get out of debt now."), miss: said("We get out of the house.")),
    ]

    private static func inheritance(from: String = "Jo <jo@example.org>") -> SampleMail {
        SampleMail(
            from: from,
            text: "My late father left the sum of US$ 12 million. I solicit your help in strict confidence.")
    }
}
