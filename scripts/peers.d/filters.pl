# SPDX-License-Identifier: Apache-2.0
# Other people's milters as stages: filters.pl PROGRAMS TEMPORARY
use strict;
use warnings;
use Check;
use FilteredSluice;
use Filter;
use Messages;
use Peer;
use Sink;

my ($programs, $temporary) = @ARGV;
my $folder = "$temporary/filters";
mkdir $folder;
my $key = "$folder/s1.pem";
system("openssl genrsa -out $key 2048 2>/dev/null") == 0 or die "openssl\n";
chmod 0600, $key;
my $public = join '', grep { !/-----/ } split /\n/, `openssl rsa -in $key -pubout 2>/dev/null`;
my $record = "v=DKIM1; k=rsa; p=$public";
write_file("$folder/keys.txt", "s1._domainkey.client.test $record\n");
write_file("$folder/zone.yml", "s1._domainkey.client.test:\n  - TXT:\n" . join '', map {"      - \"$_\"\n"} unpack '(A200)*', $record);

section('Set-up: other milters as stages');
my $sink = Sink->start("$folder/sink");
my $signer = Filter->opendkim($folder, 's', Domain => 'client.test', Selector => 's1', KeyFile => $key, RequireSafeKeys => 'no');
my $verifier = Filter->opendkim($folder, 'v', AuthservID => 'mx.sluice.test', AlwaysAddARHeader => 'yes', TestPublicKeys => "$folder/keys.txt");
my $clamd = Filter->clamd($folder);
ok(wait_until(60, sub { $clamd->ready }), 'clamd listens, with a database of one signature') or finish();
my $clamav = Filter->clamav_milter($folder);
my $rspamd = Filter->rspamd($folder);
my %filters = ('opendkim-s' => $signer, 'opendkim-v' => $verifier, 'clamav' => $clamav, 'rspamd' => $rspamd);
ok(wait_until(60, sub { $filters{$_}->ready }), "$_ listens") or finish() for sort keys %filters;
my $sluice = FilteredSluice->start($programs, "$folder/sluice", $sink->{port}, "$folder/zone.yml", \%filters);
ok(wait_until(30, sub { $sluice->ready }), 'Sluice listens') or finish();

# through(pipeline, name, content): the reply, and the record.
my $from = 'anna@client.test';
sub through {
    my ($pipeline, $name, $content, $client) = @_;
    my $reply = send_message($sluice->{ports}{$pipeline}, $from, ["$name\@sink.test"], $content, $client);
    return ($reply, $sluice->trace_of($reply) // {});
}
sub stage { my ($record, $name) = @_; return (grep { $_->{name} eq $name } @{$record->{stages} // []})[0] // {} }
sub arrived { my ($name) = @_; return wait_until(30, sub { $sink->message($name) }) }

section('OpenDKIM signs, and OpenDKIM verifies');
my %messages = Messages::all();
for my $name (qw(plain 8-bit folded html leading-dots blank-lines white-space utf-8-header 5-MB)) {
    my ($reply, $record) = through('opendkim-s', "sign-$name", $messages{$name});
    like($reply, qr/^250 /, "$name is accepted");
    like(join(' ', map {"$_->{name}: $_->{why}"} grep { $_->{stage} eq 'milter:opendkim-s' } @{$record->{findings} // []}),
        qr/MILTER_EDITED: the filter changed the message: add field DKIM-Signature$/, "$name: the record says what it did");
    is(($record->{edits}[0] // {})->{name}, 'DKIM-Signature', "$name: and its edit comes first");
    my $signed = arrived("sign-$name");
    octets_same(($signed // '') =~ s/^DKIM-Signature:.*\r\n(?:[ \t].*\r\n)*//mr, $messages{$name}, "$name arrives as it was, and signed");
    my $file = write_file("$folder/signed.eml", $signed // '');
    my ($result) = $sluice->verify($file);
    is($result->{result}, 'pass', "$name: sluice dkim verify says of OpenDKIM's signature");
    ($reply) = through('opendkim-v', "verify-$name", $signed // '');
    like($reply, qr/^250 /, "$name, signed, is accepted");
    like(arrived("verify-$name"), qr/^Authentication-Results: mx\.sluice\.test;\s+dkim=pass/m, "$name: OpenDKIM's Authentication-Results stands");
}
my $signed = $sink->message('sign-plain') // '';
my $forged = "Authentication-Results: mx.sluice.test; dkim=pass header.d=bank.test\r\n" x 2 . $signed =~ s/would write/would not write/r;
through('opendkim-v', 'forged', $forged);
my $arrived = arrived('forged') // '';
like($arrived, qr/^Authentication-Results: mx\.sluice\.test;\s+dkim=fail/m, 'a signature that does not fit fails');
ok($arrived !~ /bank\.test/, 'and results that came in under our name are gone');

section('clamav-milter');
my ($reply, $trace) = through('clamav', 'eicar', Messages::header('EICAR') . "\r\n" . Messages::eicar() . "\r\n");
like($reply, qr/^550 5\.7\.1 infected with Eicar-Signature/, 'EICAR is refused in its words');
is($trace->{disposition}, 'reject', 'sluice trace says');
is($trace->{turned_on}{stage}, 'milter:clamav', 'and by whom');
($reply) = through('clamav', 'clean-clamav', $messages{plain});
like($reply, qr/^250 /, 'clean mail is accepted');
like(arrived('clean-clamav'), qr/^X-Virus-Status: Clean/m, 'with its field');

section("rspamd's proxy");
($reply, $trace) = through('rspamd', 'gtube', Messages::header('GTUBE') . "\r\n" . Messages::gtube() . "\r\n");
like($reply, qr/^554 5\.7\.1 Gtube pattern/, 'GTUBE is refused in its words');
is($trace->{turned_on}{stage}, 'milter:rspamd', 'sluice trace says by whom');
($reply) = through('rspamd', 'clean-rspamd', $messages{plain});
like($reply, qr/^250 /, 'clean mail is accepted');
like(arrived('clean-rspamd'), qr/^X-Spamd-Result: /m, 'with its field');

section('One after the other');
($reply, $trace) = through('all', 'all', $signed);
like($reply, qr/^250 /, 'clean mail passes OpenDKIM, clamav-milter and rspamd');
$arrived = arrived('all') // '';
like($arrived, qr/^$_/m, "and arrives with $_") for 'Authentication-Results: mx.sluice.test;\s+dkim=pass', 'X-Virus-Status: Clean', 'X-Spamd-Result: ';
is(join(' ', map {"$_->{name}=$_->{outcome}"} @{$trace->{stages} // []}),
    'milter:opendkim-v=ran milter:clamav=ran milter:rspamd=ran', 'the record has all three');
my $accepted = grep { (through('all', "many-$_", $signed))[0] =~ /^250 / } 1 .. 40;
is($accepted, 40, 'and so do forty more');
$accepted = grep { (through('all', "others-$_", $signed, '127.0.0.' . (2 + $_ % 3)))[0] =~ /^250 / } 1 .. 20;
is($accepted, 20, 'and twenty of three clients in turn');

section('A filter that dies, hangs, comes back');
for my $name (sort keys %filters) {
    my $filter = $filters{$name};
    $filter->signal('STOP');
    ($reply, $trace) = through($name, "stopped-$name", $messages{plain});
    like($reply, qr/^451 4\.7\.0 /, "$name hangs: on_error");
    like(stage($trace, "milter:$name")->{outcome}, qr/^timed_out$/, 'and the record says that it timed out');
    $filter->stop;
    ($reply, $trace) = through($name, "killed-$name", $messages{plain});
    like($reply, qr/^451 4\.7\.0 /, "$name is killed: on_error");
    is(stage($trace, "milter:$name")->{outcome}, 'failed', 'and the record says that it');
    $filter->launch;
    wait_until(60, sub { $filter->ready });
    $reply = wait_until(30, sub { my ($reply) = through($name, "back-$name", $messages{plain}); $reply =~ /^250 / && $reply });
    like($reply, qr/^250 /, "$name is back: mail passes");
    ok(!$sink->message("stopped-$name") && !$sink->message("killed-$name"), 'and what it had not seen did not pass');
}
is($sluice->stop, 0, 'exit code at SIGTERM');
finish();

sub finish {
    $_->stop for grep {defined} values %filters, $clamd;
    $sink->stop;
    my $status = summary();
    if ($status && $ENV{SLUICE_PEERS_LOGS}) {
        print "\n-- Sluice\n", $sluice->log if $sluice;
        print "\n-- $_->{name}\n", substr $_->log, -4000 for grep {defined} values %filters, $clamd;
    }
    exit $status;
}
