# SPDX-License-Identifier: Apache-2.0
# Sluice as the milter of Postfix and of Sendmail: what they finally deliver is compared with what Sluice's SMTP front
# delivers of the same message: milter.pl PROGRAMS TEMPORARY
use strict;
use warnings;
use Check;
use Messages;
use Milter;
use Peer;
use Postfix;
use Sendmail;
use Sink;
use Sluice;

my ($programs, $temporary) = @ARGV;
my %port = map { $_ => free_port() } qw(front inet taking reinject taking_mta reinject_written);
my $folder = "$temporary/sluice";
my $sluice = Sluice->new($programs, $folder, {answers => $port{taking}});
my %sink = map { $_ => Sink->start("$temporary/sink-$_") } qw(front postfix sendmail);
my $script = Milter->start("$temporary/script", free_port());
system("$programs/sluice dkim keygen --domain demo.example --selector demo --out $folder/demo.pem >$folder/record") == 0 or die "keygen\n";
my ($record) = read_file("$folder/record") =~ /(v=DKIM1.*?p=[A-Za-z0-9+\/="\s()]+)/s;
$record =~ s/["\s()]+//g;
my @strings = $record =~ /(.{1,250})/g;
write_file("$folder/zone.yml", read_file('fixtures/zone.yml') . "\ndemo._domainkey.demo.example:\n  - TXT: ["
    . join(', ', map {"\"$_\""} @strings) . "]\n");
my $routes = "pipeline: {untrusted: inbound, trusted: outbound}";
$sluice->serve(<<"END");
hostname: mx.sluice.test
state: state
listeners:
  - {name: front, protocol: smtp, address: "127.0.0.1:$port{front}", $routes}
  - {name: unix, protocol: milter, address: "unix:milter.sock", mode: "0666", $routes}
  - {name: inet, protocol: milter, address: "127.0.0.1:$port{inet}", $routes}
  - {name: taking, protocol: milter, address: "127.0.0.1:$port{taking}", $routes, quarantine: take_over, reinject: "smtp://127.0.0.1:$port{reinject}"}
relay:
  domains: {demo.example: {route: "smtp://127.0.0.1:$sink{front}{port}", recipients: any}}
  trusted_networks: [127.0.0.1]
  default_route: "smtp://127.0.0.1:$sink{front}{port}"
pipelines:
  inbound:
    - spf: {}
    - dkim-verify: {}
    - virus: {infected: reject, database: embedded}
    - milter: {name: script, address: "127.0.0.1:$script->{port}"}
    - spam: {tag: 5, quarantine: 8, reject: 15, recipients: {strict\@demo.example: {tag: 2, quarantine: 3}, held-all\@aliasing.test: {tag: 2, quarantine: 3}}}
  outbound:
    - virus: {infected: reject, database: embedded}
    - dkim-sign: {keys: [{domain: demo.example, selector: demo, file: demo.pem}]}
queue: {first_retry: 1s, max_retry: 2s, expire: 1d}
resolver: {zone: zone.yml}
END
chmod 0755, $folder;
my $milter = "unix:$folder/milter.sock";
my $postfix = Postfix->start('postfix', "$temporary/postfix", 'postfix.test', ['sender'], certificate("$temporary/chain.pem"), {
    relayhost => "[127.0.0.1]:$sink{postfix}{port}", smtpd_milters => $milter, non_smtpd_milters => $milter,
    milter_protocol => 6, milter_default_action => 'tempfail', smtpd_error_sleep_time => 0,
    master_cf => "127.0.0.1:$port{reinject} inet n - n - - smtpd -o smtpd_milters= -o non_smtpd_milters=\n"
        . "127.0.0.1:$port{taking_mta} inet n - n - - smtpd -o smtpd_milters=inet:127.0.0.1:$port{taking}\n"});
my $sendmail = Sendmail->start('sendmail', "$temporary/sendmail", $sink{sendmail}{port},
    "INPUT_MAIL_FILTER(`sluice', `S=inet:$port{inet}\@127.0.0.1, F=T, T=C:30s;S:30s;R:30s;E:5m')");
my %door = (front => $port{front}, postfix => $postfix->{port}, sendmail => $sendmail->{port});
my @doors = qw(front postfix sendmail);

section('Set-up');
ok(wait_until(30, sub { $sluice->ready }), 'Sluice listens') or finish();
ok(wait_until(30, sub { $postfix->ready && $sendmail->ready }), 'Postfix (Unix socket) and Sendmail (inet) listen') or finish();

section('The same message at the three doors: clean, forged, tagged, outgoing');
my $to = 0;
compared('clean, signed by its sender', fixture('clean'), 'anna@partner.example', '127.0.0.10', {pattern => qr/dkim=pass/});
compared('forged after signing', fixture('forged-dkim'), 'anna@partner.example', '127.0.0.10', {pattern => qr/dkim=fail/});
compared('SPF fail', fixture('spf-fail'), 'board@bank.example', '127.0.0.66', {pattern => qr/spf=fail/});
compared('malformed MIME', fixture('malformed-mime'), 'robot@legacy.example', '127.0.0.60',
    {sendmail => 'ends the multipart that nobody ended'});
compared('outgoing, signed', fixture('outgoing'), 'bob@demo.example', '127.0.0.1',
    {to => 'anna@partner.example', pattern => qr/^DKIM-Signature:.*d=demo\.example/ms, verify => 1});
compared('fields under our name', Messages::header('Forged', "X-Spam-Flag: NO\r\nX-Sluice-Stages: virus=ran\r\nX-Spam-Flag: NO\r\n"
        . "Authentication-Results: mx.sluice.test; dkim=pass\r\nX-Spam-Score: -99\r\n") . "\r\nx\r\n",
    'a@client.test', '127.0.0.9', {without => qr/-99|: NO|virus=ran\r?$/});

section('The same message at the three doors: refused');
for ([eicar => fixture('virus-plain'), qr/^554 5\.7\.1/], ['eicar in a zip' => fixture('virus-zip'), qr/^554 5\.7\.1/],
    [gtube => fixture('spam-gtube'), qr/^550 5\.7\.1/]) {
    my ($name, $message, $pattern) = @$_;
    my @replies = map { send_message($door{$_}, 'scanner@office.example', ['bob@demo.example'], $message, '127.0.0.30') } @doors;
    like($replies[0], $pattern, "$name is refused");
    is(join("\n", map { without_id($_) } @replies[1, 2]), join("\n", (without_id($replies[0])) x 2), "$name gets the same reply at all doors");
    is($sluice->trace_of($replies[$_])->{disposition} // '', 'reject', "$doors[$_]: sluice trace of the id in the reply") for 1, 2;
}

section('The same message at the three doors: octets');
my %messages = Messages::all();
for my $name (sort keys %messages) {
    compared($name, $messages{$name}, 'anna@client.test', '127.0.0.9', {sendmail => differs($name)});
}

section('The same message at the three doors: edits of another milter in the chain');
my @edits = (
    ['insert at the top', {pattern => qr/^X-New: top\r$/m}, insert(0, 'X-New', ' top'), insert(1, 'X-New', " folded\n\tonce")],
    ['add at the end', {pattern => qr/^X-A: added\r$/m}, add('X-New', ' end'), add('X-A', ' added')],
    ['change and delete', {pattern => qr/^Subject: \[checked\] s\r$/m, without => qr/^X-A: three/m}, change(2, 'X-A', ' changed'), change(3, 'X-A', ''), change(1, 'Subject', ' [checked] s')],
    ['delete all', {without => qr/^X-A:/m}, map { change($_, 'X-A', '') } 1, 2, 3],
    ['a new body', {pattern => qr/another\r\n\.body\r\nin two pieces\r\n\z/}, body("another\r\n.body\r\n"), body("in two pieces\r\n")],
    ['an empty body', {pattern => qr/\r\n\r\n\z/}, body('')],
    ['all of it', {pattern => qr/^X-A: first\r\n.*\r\n\r\nb\r\n\z/ms}, insert(0, 'X-New', ' top'), change(2, 'X-A', ''), add('X-A', ' added'), change(1, 'X-A', ' first'), body("b\r\n")],
    ['the envelope', {told => '<other@client.test> <TO-extra@demo.example> <TO@demo.example>'}, recipient('<TO-extra@demo.example>'), no_recipient('<TO-other@demo.example>'), sender('<other@client.test>')],
    ['the envelope with parameters',
        {told => '<other@client.test> <TO-extra@demo.example> <TO-other@demo.example> <TO@demo.example>', asked => 'ENVID=QQ1 NOTIFY=NEVER RET=HDRS'}, recipient_with('<TO-extra@demo.example>', 'NOTIFY=NEVER'), sender('<other@client.test>', 'RET=HDRS ENVID=QQ1')],
);
for (@edits) {
    my ($title, $found, @packets) = @$_;
    compared($title, Messages::header('s', "X-A: one\r\nX-B: b\r\nX-A: two\r\nX-A: three\r\n") . "\r\nbody\r\n",
        'anna@client.test', '127.0.0.9', {packets => \@packets, envelope => 1, others => ['TO-other@demo.example'], %$found});
}

section('Mail of the command line');
$script->script({});
is($postfix->submit('bob@demo.example', 'local@partner.example', fixture('outgoing') =~ s/\r\n/\n/gr), 0, 'Postfix takes it');
my $arrived = wait_until(20, sub { $sink{postfix}->message('local') });
like($arrived, qr/^DKIM-Signature:.*d=demo\.example/ms, 'it is signed: the host itself is a trusted network');
verified($arrived, 'and the signature holds');

section('Quarantine by the MTA');
my $held = fixture('spam-advance-fee');
for my $name (qw(postfix sendmail)) {
    like(send_message($door{$name}, 'barr.okoro1@mailbox.example', ["held\@demo.example"], $held, '127.0.0.41'), qr/^250 /, "$name takes spam");
}
ok(wait_until(10, sub { $postfix->run('postqueue', '-j') =~ /"queue_name": "hold"/ }), 'Postfix has it in its hold queue');
like($sendmail->run('-bp', '-qQ'), qr/QUARANTINE: .*\(id \w+\)/, 'Sendmail has it in quarantine, with our reason and id');
ok(!defined $sink{$_}->message('held'), "$_ has not delivered it") for qw(postfix sendmail);
my ($record_of_held) = grep { ($_->{disposition} // '') eq 'quarantine' } $sluice->ask('trace');
ok($record_of_held, 'sluice trace says quarantine');
system('postsuper', '-c', "$postfix->{folder}/etc", '-H', 'ALL');
$sendmail->run('-qQ', '-Q');
my ($reply) = send_message($door{front}, 'barr.okoro1@mailbox.example', ['held@demo.example'], $held, '127.0.0.41');
my ($id) = $reply =~ /(\w+)\W*\z/;
$sluice->ask('quarantine', 'release', $id);
my %released = map { my $name = $_; $name => wait_until(20, sub { $sink{$name}->message('held') }) } @doors;
is_same($released{front}, $released{$_}, "released by $_ it is what the SMTP front releases") for qw(postfix sendmail);

section('Quarantine by Sluice: taken over, released through the port without milters');
for my $turn (1, 2) {
    like(send_message($port{taking_mta}, 'barr.okoro1@mailbox.example', ['taken@demo.example'], $held, '127.0.0.41'), qr/^250 /, "Postfix takes it, time $turn");
}
my @held = grep { grep { $_ eq 'taken@demo.example' } @{$_->{recipients} // []} } $sluice->ask('quarantine', 'list');
is(scalar @held, 1, 'the same message within a day is one held message');
ok(!defined $sink{postfix}->message('taken'), 'and Postfix has delivered none');
$sluice->ask('quarantine', 'release', $held[0]{id}) if @held;
$arrived = wait_until(20, sub { $sink{postfix}->message('taken') });
is_same($released{front}, $arrived, 'what is released is what the SMTP front releases');
like($arrived, qr/by mx\.sluice\.test \(Sluice\)/, 'it has a Received field of ours');
is(scalar(() = ($arrived // '') =~ /^Authentication-Results:/gm), 1, 'it was filtered once: Authentication-Results fields');

like(send_message($port{taking_mta}, 'barr.okoro1@mailbox.example RET=HDRS ENVID=QQ2', ['dsn@demo.example NOTIFY=NEVER'], $held, '127.0.0.41'), qr/^250 /, 'Postfix takes one with RET, ENVID and NOTIFY');
my ($asking) = grep { grep { $_ eq 'dsn@demo.example' } @{$_->{recipients} // []} } $sluice->ask('quarantine', 'list');
$sluice->ask('quarantine', 'release', $asking->{id}) if $asking;
wait_until(20, sub { $sink{postfix}->message('dsn') });
is(asked($sink{postfix}->envelope('dsn')), 'ENVID=QQ2 NOTIFY=NEVER RET=HDRS', 'released it has them still');

section('Recipients that differ');
my $two = fixture('two-recipients');
like(send_message($port{taking_mta}, 'news@market.example', ['lenient@demo.example', 'strict@demo.example'], $two, '127.0.0.50'), qr/^250 /, 'taken for two');
$arrived = wait_until(20, sub { $sink{postfix}->message('lenient') });
ok($arrived, 'who is to get it gets it');
ok(!defined $sink{postfix}->message('strict'), 'the other one is gone from the envelope');
ok(scalar(grep { grep { $_ eq 'strict@demo.example' } @{$_->{recipients} // []} } $sluice->ask('quarantine', 'list')), 'and held by us');

section("Recipients that differ, one of them an alias of Sendmail's");
my $aliases = join '', map {"$_-all: $_-first\@demo.example, $_-second\@demo.example\n"} qw(clean passed held deleted);
my $aliasing = Sendmail->start('aliasing', "$temporary/aliasing", $sink{sendmail}{port},
    "INPUT_MAIL_FILTER(`sluice', `S=inet:$port{taking}\@127.0.0.1, F=T, T=C:30s;S:30s;R:30s;E:5m')", $aliases);
ok(wait_until(30, sub { $aliasing->ready }), 'a Sendmail with /etc/aliases listens');
$script->script({at => {E => [no_recipient('<deleted-all@aliasing.test>'), 'c']}});
to_aliasing('anna@partner.example', '127.0.0.10', fixture('clean'), 'clean-all@aliasing.test');
arrives("clean-$_") for qw(first second);
to_aliasing('news@market.example', '127.0.0.50', $two, 'passed-all@aliasing.test', 'strict@demo.example');
arrives("passed-$_") for qw(first second);
is(recipients_of_held('strict@demo.example', 'passed'), '', 'the alias that passes is not held');
to_aliasing('news@market.example', '127.0.0.50', $two =~ s/^Subject: /Subject: again, /mr, 'held-all@aliasing.test', 'held-other@demo.example');
arrives('held-other');
is(recipients_of_held('held-all@aliasing.test', 'held'), 'held-all@aliasing.test', 'the alias that does not is held by us');
to_aliasing('anna@partner.example', '127.0.0.10', fixture('clean'), 'deleted-all@aliasing.test', 'deleted-other@demo.example');
arrives('deleted-other');
for my $name (qw(held deleted)) {
    ok(!defined $sink{sendmail}->message("$name-$_"), "$name: $_, whom the alias stands for, has not got it") for qw(first second);
}
$aliasing->stop;

section('The lines of the README, as they stand there');
my $readme = read_file('README.md');
my ($main) = $readme =~ /((?:^    [a-z_]+ = .*\n)+)/m;
my ($service) = $readme =~ /^    (127\.0\.0\.1:10026 inet .*\n    .*\n)/m;
my ($filter) = $readme =~ /((?:^    (?:INPUT_MAIL_FILTER|DAEMON_OPTIONS)\(.*\n)+)/m;
my $sendmail_reinject = free_port();
$_ = localised($_) for $main, $service, $filter;
$filter =~ s/Port=10026/Port=$sendmail_reinject/;
my $as_written = Postfix->start('written', "$temporary/written", 'written.test', [], certificate("$temporary/written.pem"), {
    relayhost => "[127.0.0.1]:$sink{postfix}{port}", (map {/(\S+) = (.*)/} split /\n/, $main),
    master_cf => $service =~ s/10026/$port{reinject_written}/r});
my $as_written_too = Sendmail->start('writtentoo', "$temporary/written-too", $sink{sendmail}{port}, $filter =~ s/^ +//gmr);
ok(wait_until(30, sub { $as_written->ready && $as_written_too->ready }), 'Postfix and Sendmail listen');
my %written = (postfix => $as_written->{port}, sendmail => $as_written_too->{port});
my %without = (postfix => $port{reinject_written}, sendmail => $sendmail_reinject);
for my $name (qw(postfix sendmail)) {
    like(send_message($written{$name}, 'anna@partner.example', ["written-$name\@demo.example"], fixture('clean'), '127.0.0.10'), qr/^250 /, "$name takes a clean message");
    $arrived = wait_until(20, sub { $sink{$name}->message("written-$name") });
    like($arrived, qr/^Authentication-Results: mx\.sluice\.test;/m, 'and delivers it filtered');
    like(send_message($written{$name}, 'scanner@office.example', ['bob@demo.example'], fixture('virus-plain'), '127.0.0.30'), qr/^55\d /, 'and refuses a virus');
    like(send_message($without{$name}, 'anna@partner.example', ["without-$name\@demo.example"], fixture('clean')), qr/^250 /, 'its other port takes the message');
    $arrived = wait_until(20, sub { $sink{$name}->message("without-$name") });
    ok(defined $arrived && $arrived !~ /^Authentication-Results/m, 'and delivers it unfiltered');
}
is($as_written->submit('bob@demo.example', 'written-local@partner.example', fixture('outgoing') =~ s/\r\n/\n/gr), 0, 'Postfix takes mail of the command line');
$arrived = wait_until(20, sub { $sink{postfix}->message('written-local') });
like($arrived, qr/^DKIM-Signature:/m, 'and delivers it signed');
$_->stop for $as_written, $as_written_too;

section('The account');
wait_until(30, sub { my ($account) = $sluice->ask('account'); $account && $account->{queued} == 0 });
my ($account) = $sluice->ask('account');
is($account->{unaccounted}, 0, 'unaccounted');
is($sluice->stop, 0, 'exit code at SIGTERM');
my @alarming = grep {/"level": "(?:error|critical)"|Fatal error/} split /\n/, $sluice->log;
is(scalar @alarming, 0, 'errors in the log') or print map {"        $_\n"} @alarming;
finish();

# Sends a message to recipients of the Sendmail with aliases.
sub to_aliasing {
    my ($from, $client, $message, @to) = @_;
    return like(send_message($aliasing->{port}, $from, \@to, $message, $client), qr/^250 /, "taken for @to");
}

sub arrives {
    my ($local) = @_;
    return ok(defined wait_until(20, sub { $sink{sendmail}->message($local) }), "$local gets it");
}

# Who is held together with a recipient, of those whose address begins so.
sub recipients_of_held {
    my ($recipient, $prefix) = @_;
    my ($item) = grep { grep { $_ eq $recipient } @{$_->{recipients} // []} } $sluice->ask('quarantine', 'list');
    return join ' ', grep {/^\Q$prefix\E-/} @{($item // {})->{recipients} // []};
}

# Lines of the README, with the port of Sluice's listener of this run.
sub localised { return $_[0] =~ s/127\.0\.0\.1:8892/127.0.0.1:$port{taking}/gr =~ s/8892\@/$port{taking}\@/gr =~ s/^ {4}(?! )//gmr }

# A message of the demo's.
sub fixture { return read_file("fixtures/$_[0].eml") =~ s/\r?\n/\r\n/gr }

# What Sendmail itself does with such a message, in words; nothing where it delivers what came in.
sub differs {
    my ($name) = @_;
    my %words = (
        'no-header' => 'adds Date, From and Message-ID',
        'no-body' => 'adds the empty line behind the header section',
    );
    return $words{$name} // '';
}

# compared(title, message, reverse-path, client, {to, others, packets: what the scripted milter answers, envelope,
# pattern: what must be in it, without: what must not, verify: the signature holds; postfix, sendmail: why it differs})
sub compared {
    my ($title, $message, $from, $client, $options) = @_;
    $to++;
    my $recipient = $options->{to} ? $options->{to} =~ s/@/+$to@/r : "to$to\@demo.example";
    my ($local) = $recipient =~ /^([^@]*)/;
    my @packets = map { s/TO-/$local-/gr } @{$options->{packets} // []};
    $script->script(@packets ? {at => {E => [@packets, 'c']}} : {});
    my %arrived;
    for my $name (@doors) {
        my $reply = send_message($door{$name}, $from, [$recipient, map { s/TO-/$local-/r } @{$options->{others} // []}], $message, $client);
        return ok(0, "$title: $name", $reply) unless $reply =~ /^250/;
    }
    $arrived{$_} = wait_until(20, sub { $sink{$_}->message($local) }) for @doors;
    like($arrived{front}, $options->{pattern}, "$title: the front delivers what it should") if $options->{pattern};
    ok(($arrived{front} // '') !~ $options->{without}, "$title: what is ours to say is gone", $arrived{front}) if $options->{without};
    is(paths($sink{front}->envelope($local)), paths($options->{told} =~ s/TO/$local/gr), "$title: the front has the envelope") if $options->{told};
    is(asked($sink{front}->envelope($local)), $options->{asked}, "$title: the front asks for notifications") if $options->{asked};
    for my $name (qw(postfix sendmail)) {
        my $why = $options->{$name};
        if ($why) { ok(defined $arrived{$name}, "$title: $name delivers, but $why") }
        else { is_same($arrived{front}, $arrived{$name}, "$title: $name delivers what the front does") }
        verified($arrived{$name}, "$title: the signature holds behind $name") if $options->{verify};
        next unless $options->{envelope};
        is(paths($sink{$name}->envelope($local)), paths($sink{front}->envelope($local)), "$title: $name has the envelope of the front");
        is(asked($sink{$name}->envelope($local)), asked($sink{front}->envelope($local)), "$title: $name asks for the same notifications");
    }
    return;
}

sub paths { return join ' ', sort map {lc} ($_[0] // '') =~ /(<[^>]*>)/g }

# What the sender asks of notifications, but for ORCPT, which an MTA may add.
sub asked { return join ' ', sort +($_[0] // '') =~ /\b((?:RET|ENVID|NOTIFY)=\S+)/g }

sub without_id { return $_[0] =~ s/\(id \w+\)/(id)/gr }

# What is the same at each door: all but the Received fields, which each hop writes for itself, and what a signature of
# ours has of its time (t=, b=).
sub bare {
    my ($message) = @_;
    my ($header, $body) = ($message // '') =~ /\A(.*?\r\n|)(\r\n.*|)\z/s;
    $header =~ s/^Received:[^\n]*\n(?:[ \t][^\n]*\n)*//gmi;
    $header =~ s/^(DKIM-Signature:[^\n]*\n(?:[ \t][^\n]*\n)*)/timeless($1)/gmei;
    return $header . $body;
}

sub timeless {
    my ($field) = @_;
    return $field unless $field =~ /\bd=demo\.example/;
    $field =~ s/\bt=\d+/t=/;
    $field =~ s/\bb=[^;]*\z/b=/;
    $field =~ s/\s+/ /g;
    return "$field\r\n";
}

sub is_same {
    my ($wanted, $found, $title) = @_;
    return ok(0, $title, defined $wanted ? 'nothing arrived' : 'the front delivered nothing') unless defined $wanted && defined $found;
    ($wanted, $found) = (bare($wanted), bare($found));
    my $n = 0;
    $n++ while $n < length $wanted && $n < length $found && substr($wanted, $n, 1) eq substr($found, $n, 1);
    return ok($wanted eq $found, $title, "from octet $n: " . Check::shortened(substr $found, $n, 120) . ' instead of ' . Check::shortened(substr $wanted, $n, 120));
}

sub verified {
    my ($message, $title) = @_;
    write_file("$temporary/signed.eml", $message // '');
    my $result = qx($programs/sluice dkim verify $temporary/signed.eml --zone $folder/zone.yml);
    return like($result, qr/pass/, $title);
}

sub finish {
    $_->stop for grep {defined} values %sink, $script, $postfix, $sendmail;
    my $status = summary();
    if ($status && $ENV{SLUICE_PEERS_LOGS}) {
        print "\n-- Sluice\n", $sluice->log, "\n-- Postfix\n", $postfix->log, "\n-- Sendmail\n", $sendmail->log;
    }
    exit $status;
}
