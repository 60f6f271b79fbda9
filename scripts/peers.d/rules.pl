# SPDX-License-Identifier: Apache-2.0
# What Postfix and Sendmail really do with what a milter answers (docs/milter.md), found out by what they finally
# deliver: rules.pl PROGRAMS TEMPORARY. Sluice has no part in it.
use strict;
use warnings;
use Check;
use Milter;
use Peer;
use Postfix;
use Sendmail;
use Sink;

my (undef, $temporary) = @ARGV;
my $message = "From: Anna <anna\@client.test>\r\nX-A: one\r\nTo: Bob <bob\@hop.test>\r\nX-A: two\r\nSubject: s\r\nX-A: three\r\n"
    . "Date: Tue, 24 Nov 2026 09:00:00 +0000\r\nMessage-ID: <a\@client.test>\r\n\r\nbody\r\n";
my $end = 0x7fffffff;
my $number = 0;

section('Set-up');
my $sink = Sink->start("$temporary/sink");
my %milter = map { $_ => Milter->start("$temporary/milter-$_", free_port()) } qw(postfix sendmail);
my $chain = certificate("$temporary/chain.pem");
my %mta = (
    postfix => Postfix->start('postfix', "$temporary/postfix", 'postfix.test', [], $chain, {
        relayhost => "[127.0.0.1]:$sink->{port}", smtpd_milters => "inet:127.0.0.1:$milter{postfix}{port}",
        smtpd_error_sleep_time => 0}),
    sendmail => Sendmail->start('sendmail', "$temporary/sendmail", $sink->{port},
        "INPUT_MAIL_FILTER(`script', `S=inet:$milter{sendmail}{port}\@127.0.0.1, F=T')"),
);
for my $name (qw(postfix sendmail)) {
    ok(wait_until(30, sub { $mta{$name}->ready }), "$name listens") or finish();
}

section('Header fields: what an index counts');
my $own = 'R F A1 T A2 S A3 D I';
both('insert at 0', 'N ' . $own, insert(0, 'X-N', ' n'));
both('insert at 1', 'R N F A1 T A2 S A3 D I', insert(1, 'X-N', ' n'));
each_mta('insert at 2', 'R F N A1 T A2 S A3 D I', 'R N F A1 T A2 S A3 D I', insert(2, 'X-N', ' n'));
each_mta('insert at 8', 'R F A1 T A2 S A3 D N I', 'R N F A1 T A2 S A3 D I', insert(8, 'X-N', ' n'));
each_mta('insert at 9', "$own N", 'R F N A1 T A2 S A3 D I', insert(9, 'X-N', ' n'));
both('insert beyond the end', "$own N", insert($end, 'X-N', ' n'));
each_mta('insert at 0xffffffff', "$own N", "N $own", insert(0xffffffff, 'X-N', ' n'));
both('insert twice at 0', "M N $own", insert(0, 'X-N', ' n'), insert(0, 'X-M', ' m'));
both('insert at 0 and then at 1', "N M $own", insert(0, 'X-N', ' n'), insert(1, 'X-M', ' m'));
both('insert at 1 and then at 2', 'R N M F A1 T A2 S A3 D I', insert(1, 'X-N', ' n'), insert(2, 'X-M', ' m'));
each_mta('an insert behind a deleted field', 'R F T N A2 S A3 D I', 'R F T N A2 S A3 D I',
    change(1, 'X-A', ''), sub { $_[0] eq 'postfix' ? insert(3, 'X-N', ' n') : insert(11, 'X-N', ' n') });
both('add a new name', "$own N", add('X-N', ' n'));
each_mta('add a name that is there', "$own A4", 'R F A4 A1 T A2 S A3 D I', add('X-A', ' 4'));
both('insert a name that is there at the end', "$own A4", insert($end, 'X-A', ' 4'));
both('change the second', 'R F A1 T A9 S A3 D I', change(2, 'x-a', ' 9'));
both('index 0 means 1', 'R F A9 T A2 S A3 D I', change(0, 'X-A', ' 9'));
each_mta('change beyond the last', "$own A9", 'R F A9 A1 T A2 S A3 D I', change(4, 'X-A', ' 9'));
both('change of a missing name', "$own N", change(1, 'X-N', ' n'));
both('delete of a missing name', $own, change(1, 'X-N', ''));
both('what was inserted counts', "A9 $own", insert(0, 'X-A', ' 0'), change(1, 'X-A', ' 9'));
each_mta('delete 1, 2, 3', 'R F T A2 S D I', 'R F T S D I', map { change($_, 'X-A', '') } 1, 2, 3);
both('delete 3, 2, 1', 'R F T S D I', map { change($_, 'X-A', '') } 3, 2, 1);
each_mta('delete 1, 1, 1', 'R F T S D I', 'R F T A2 S A3 D I', map { change($_, 'X-A', '') } 1, 1, 1);
each_mta('delete 1, change 1', 'R F T A9 S A3 D I', 'R F A9 T A2 S A3 D I', change(1, 'X-A', ''), change(1, 'X-A', ' 9'));
each_mta('change the MTA\'s own Received', "$own R9", "R9 $own", change(1, 'Received', ' 9'));

section('Header fields: values');
field('a fold by LF stays', insert(0, 'X-N', " a\n\tb\n c"), qr/\AX-N: a\r\n\tb\r\n c\r\nReceived/);
field('a fold by CR LF leaves the CR behind', insert(0, 'X-N', " a\r\n b"), qr/\AX-N: a\r\r\n b\r\nReceived/);
field('LF without white space becomes a fold', insert(0, 'X-N', " a\nX-Evil: b"), qr/\AX-N: a\r\n[ \t]X-Evil: b\r\nReceived/);
field('a value without a space gets none', insert(0, 'X-N', 'a'), qr/\AX-N:a\r\nReceived/);
field('an empty value may be inserted', insert(0, 'X-N', ''), qr/\AX-N:\r\nReceived/);
run('with SMFIP_HDR_LEADSPC not asked for, one space is put in front',
    {steps => 0, at => {E => [insert(0, 'X-N', 'a'), 'c']}}, {}, sub { $_[0] =~ /\AX-N: a\r\nReceived/ });

section('Body');
with_body('several pieces', "one\r\ntwo\r\n", body("one\r"), body("\ntw"), body("o\r\n"));
with_body('an empty piece', '', body(''));
with_body('no CR LF at the end', "one\r\n", body('one'));
with_body('NUL and 8-bit', "a\0\xfc\r\n", body("a\0\xfc\r\n"));
run('a modification between two pieces', {at => {E => [body("one\r\n"), insert(0, 'X-N', ' n'), body("two\r\n"), 'c']}}, {},
    sub { $_[2] eq 'postfix' ? $_[1] =~ /^451 4\.3\.5/ : ($_[0] // '') =~ /one\r\ntwo\r\n\z/ });

section('Envelope');
envelope('reverse-path', qr/^MAIL FROM:<new\@client\.test>.* ENVID=abc RET=HDRS$/im, sender('<new@client.test>', 'RET=HDRS ENVID=abc'));
envelope('the null reverse-path', qr/^MAIL FROM:<>/im, sender('<>'));
envelope('a recipient added twice', qr/^(?!.*<TO-extra.*<TO-extra).*<TO-extra\@sink\.test>/is, (recipient('<TO-extra@sink.test>')) x 2);
envelope('a recipient added with parameters', qr/<TO-extra\@sink\.test>.* NOTIFY=NEVER$/im, recipient_with('<TO-extra@sink.test>', 'NOTIFY=NEVER'));
envelope('a recipient deleted', qr/^(?!.*other)/is, no_recipient('<TO-other@sink.test>'));
envelope('in other case it is not found', qr/TO-other/, no_recipient('<TO-OTHER@sink.test>'));
run('with other quoting', {at => {E => [no_recipient('<"TO-other"@sink.test>'), 'c']}}, {},
    sub { my $there = $_[3] =~ /-other/; $_[2] eq 'postfix' ? !$there : $there });

section('Answers');
answer('several lines', qr/^554-5\.7\.1 one\r\n554 5\.7\.1 two$/, reply_code("554-5.7.1 one\r\n554 5.7.1 two"));
answer('a doubled per cent sign', qr/^550 5\.7\.1 100% %s$/, reply_code('550 5.7.1 100%% %%s'));
answer('421', qr/^421 4\.7\.0 go away$/, reply_code('421 4.7.0 go away'));
run('an enhanced code of another class', {at => {E => [reply_code('550 4.7.1 text')]}}, {},
    sub { $_[1] =~ ($_[2] eq 'postfix' ? qr/^451 4\.3\.5/ : qr/^550 4\.7\.1 text/) });
run('shutdown at the end of a message loses it with Postfix', {at => {E => ['4']}}, {nothing => 1},
    sub { $_[1] =~ ($_[2] eq 'postfix' ? qr/^250 / : qr/^451 /) });
run('discard, after modifications', {at => {E => [insert(0, 'X-N', ' n'), 'd']}}, {nothing => 1}, sub { $_[1] =~ /^250 / });
run('quarantine holds it', {at => {E => [hold('a reason'), 'c']}}, {nothing => 1}, sub { $_[1] =~ /^250 / });
run('progress keeps it waiting', {at => {E => ['p', 'MORE', 'p', 'MORE', insert(0, 'X-N', ' n'), 'c']}}, {}, sub { $_[0] =~ /\AX-N/ });
run('skip for a field', {at => {L => ['s']}}, {}, sub {
    my $codes = codes($_[2]);
    $_[2] eq 'postfix' ? $codes =~ /TLNBE/ : $codes =~ /TL{8}NE/;
});
run('skip for RCPT', {at => {R => ['s']}}, {}, sub {
    my $codes = codes($_[2]);
    $_[2] eq 'postfix' ? $codes =~ /RTL+NBE/ : $codes !~ /E/;
});
finish();

# The codes of what the milter heard, without macros.
sub codes { return join '', grep {/[^D]/} map { substr $_, 0, 1 } $milter{$_[0]}->heard }

# run(title, script, {nothing: no message is to arrive}, check(what arrived, reply, name of the MTA, envelope))
sub run {
    my ($title, $script, $options, $check) = @_;
    $number++;
    for my $name (qw(postfix sendmail)) {
        my $to = "$name$number";
        my @packets = map { ref $_ ? $_->($name) : $_ } @{$script->{at}{E} // []};
        s/\bTO-/$to-/g for @packets;
        $milter{$name}->script({%$script, at => {%{$script->{at}}, @packets ? (E => \@packets) : ()}});
        my $reply = send_message($mta{$name}{port}, 'anna@client.test', ["$to\@sink.test", "$to-other\@sink.test"], $message);
        my $arrived = wait_until($options->{nothing} ? 1 : 10, sub { $reply !~ /^250/ || $sink->message($to) });
        $arrived = undef unless $sink->message($to);
        my $envelope = $sink->envelope($to) // '';
        my $is_right = !($options->{nothing} && defined $arrived) && $check->($arrived, $reply, $name, $envelope);
        ok($is_right, "$name: $title", Check::shortened(($reply =~ /^250/ ? '' : "$reply: ") . $envelope . ($arrived // 'nothing')));
    }
}

sub both { my ($title, $wanted, @packets) = @_; return each_mta($title, $wanted, $wanted, @packets) }

# Compares the fields' order, in short: R is the MTA's Received, A1 is X-A: 1…
sub each_mta {
    my ($title, $postfix, $sendmail, @packets) = @_;
    my %wanted = (postfix => $postfix, sendmail => $sendmail);
    run($title, {at => {E => [@packets, 'c']}}, {}, sub {
        my ($header) = ($_[0] // '') =~ /\A(.*?\r\n)\r\n/s;
        return ($header // '') && short($header) eq $wanted{$_[2]};
    });
}

sub short {
    my ($header) = @_;
    my %numbers = (one => 1, two => 2, three => 3);
    $header =~ s/\r\n[ \t]/ /g;
    return join ' ', map {
        my ($name, $value) = /^([^:]+):\s*(.*?)\r?$/;
        my $is_own = $name eq 'Received' && $value =~ /^from /;
        $is_own ? 'R' : uc(($name =~ s/^X-//ir)) =~ /^(MESSAGE-ID)$/ ? 'I' : uc(substr $name =~ s/^X-//ir, 0, 1)
            . ($name =~ /^(?:X-A|Received)$/i ? ($numbers{$value} // $value) : '');
    } split /\r\n/, $header;
}

sub field { my ($title, $packet, $pattern) = @_; run($title, {at => {E => [$packet, 'c']}}, {}, sub { ($_[0] // '') =~ $pattern }) }

sub with_body {
    my ($title, $wanted, @packets) = @_;
    run($title, {at => {E => [@packets, 'c']}}, {}, sub { (($_[0] // '') =~ /\r\n\r\n(.*)\z/s)[0] eq $wanted });
}

sub envelope {
    my ($title, $pattern, @packets) = @_;
    run($title, {at => {E => [@packets, 'c']}}, {}, sub {
        my $to = "$_[2]$number";
        return $_[3] =~ s/\Q$to\E/TO/gr =~ $pattern;
    });
}

sub answer { my ($title, $pattern, @packets) = @_; run($title, {at => {E => \@packets}}, {}, sub { $_[1] =~ $pattern }) }

sub finish {
    $_->stop for grep {defined} $sink, values %milter, values %mta;
    exit summary();
}
