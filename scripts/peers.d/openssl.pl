# SPDX-License-Identifier: Apache-2.0
# `openssl s_client` against the listeners: TLS versions, certificate, what may come behind STARTTLS, the end of a session:
# openssl.pl PROGRAMS TEMPORARY
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use MIME::Base64;
use Check;
use Messages;
use Peer;
use SClient;
use Sink;
use Sluice;

my ($programs, $temporary) = @ARGV;
my %messages = Messages::all();
certificate("$temporary/chain.pem");
my ($certificate, $key) = ("$temporary/chain.pem.crt", "$temporary/chain.pem.key");
chmod 0600, $key;
my @verified = ('-CAfile', $certificate, '-verify_hostname', 'mx.sluice.test', '-verify_return_error');
my @weak = ('-cipher', 'ALL:@SECLEVEL=0');
my %version = ('-tls1' => 'TLSv1', '-tls1_1' => 'TLSv1.1', '-tls1_2' => 'TLSv1.2', '-tls1_3' => 'TLSv1.3');
my $login = encode_base64("\0anna\0a right password", '');
my @proxies;

section('Set-up');
my $sink = Sink->start("$temporary/sink");
my $sluice = Sluice->start($programs, "$temporary/sluice", $certificate, $key, free_port(), $sink->{port});
my %port = map { $_ => $sluice->{$_} } qw(mx submission);
ok(wait_until(30, sub { $sluice->ready }), 'Sluice listens') or finish();

for my $listener (sort keys %port) {
    for my $version ('-tls1_2', '-tls1_3') {
        section("$listener over $version{$version}");
        my $client = client($listener, $version, @verified);
        like($client->command('RCPT TO:<early@sink.test>'), qr/^503 /, 'RCPT without MAIL');
        like($client->command('MAIL FROM:<anna@client.test>'), qr/^503 /, 'what EHLO said in clear is forgotten: MAIL before EHLO');
        my $offer = $client->command('EHLO client.test');
        like($offer, qr/^250[ -]PIPELINING/m, 'EHLO is answered');
        ok($offer !~ /STARTTLS/, 'and does not offer STARTTLS again');
        like($client->command('STARTTLS'), qr/^50[23] /, 'which is refused');
        if ($listener eq 'submission') {
            like($offer, qr/^250[ -]AUTH PLAIN LOGIN/m, 'it offers AUTH');
            like($client->command("AUTH PLAIN $login"), qr/^235 /, 'which works');
        } else {
            ok($offer !~ /AUTH/, 'it does not offer AUTH');
        }
        for my $name (sort keys %messages) {
            next if $name eq 'no-header'; # a submission gets a Date
            my $to = lc "$listener$version-$name";
            like($client->message("$to\@sink.test", $messages{$name}), qr/^250 /, "$name is accepted");
            my $arrived = wait_until(30, sub { $sink->message($to) }) // '';
            like($arrived, $listener eq 'mx' ? qr/with ESMTPS\b/ : qr/with ESMTPSA\b/, "$name is marked as received over TLS") if $name eq 'plain';
            octets_same($arrived, $messages{$name}, "$name arrives octet for octet");
        }
        like($client->command('QUIT'), qr/^221 /, 'QUIT');
        my ($status, $said) = $client->finish;
        is($status, 0, 'exit code of s_client');
        like($said, qr/Protocol version: \Q$version{$version}\E$/m, "it speaks $version{$version}");
        like($said, qr/Verification: OK/, 'and the certificate is the one of our name');
        ok($said !~ /error|unexpected eof/i, 'the session ends with close_notify', $said);
    }
}

section('Old versions and no encryption are refused');
my $server = free_port();
for my $listener (sort keys %port) {
    for my $version ('-tls1', '-tls1_1') { refused($listener, $version{$version}, $version, @weak) }
    refused($listener, 'TLSv1.2 without encryption', '-tls1_2', '-cipher', 'eNULL:@SECLEVEL=0');
    refused($listener, 'TLSv1.2 without authentication', '-tls1_2', '-cipher', 'aNULL:@SECLEVEL=0');
}
for my $version ('-tls1', '-tls1_1') {
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDOUT, '>', "$temporary/s_server";
        open STDERR, '>&', \*STDOUT;
        exec 'openssl', 's_server', '-accept', "127.0.0.1:$server", '-cert', $certificate, '-key', $key, '-www', $version, @weak or die "openssl: $!";
    }
    wait_until(10, sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server) });
    my $said = `openssl s_client -connect 127.0.0.1:$server -brief $version -cipher 'ALL:\@SECLEVEL=0' 2>&1 </dev/null`;
    like($said, qr/Protocol version: \Q$version{$version}\E$/m, "this s_client could have: it speaks $version{$version} with s_server");
    kill TERM => $pid;
    waitpid $pid, 0;
}

section('What is put in behind STARTTLS in clear (CVE-2011-0411)');
for my $listener (sort keys %port) {
    my $injected = "MAIL FROM:<evil\@client.test>\r\n";
    for my $pause (0, 0.2) {
        my $when = $pause ? 'a moment later' : 'in the same packet';
        my $client = SClient->start(proxy($port{$listener}, $injected, $pause), "$temporary/said");
        my $reply = $client->command('RCPT TO:<victim@sink.test>');
        ok($reply eq '' || $reply =~ /^503 /, "$listener, $when: no MAIL is known behind it", $reply);
        $client->command('QUIT');
        my ($status, $said) = $client->finish;
        ok($said !~ /CONNECTION ESTABLISHED/, "$listener, $when: no session comes about", $said);
    }
    my @replies = raw($listener, "EHLO client.test\r\n", "STARTTLS\r\n$injected");
    like($replies[-1], qr/^5\d\d 5\.5\.\d /, "$listener: the answer to STARTTLS with more behind it is a refusal");
    @replies = raw($listener, "EHLO client.test\r\n", "STARTTLS\r\n", "${injected}RCPT TO:<victim\@sink.test>\r\nQUIT\r\n");
    ok($replies[2] !~ /^[2-5]\d\d[ -]/m, "$listener: commands in clear in place of the handshake get no reply", $replies[2]);
}
ok(!defined $sink->message('victim'), 'nothing arrived');

section('Handshakes that are given up');
for my $listener (sort keys %port) {
    for (1 .. 50) {
        my $socket = connected($listener);
        Peer::reply($socket);
        for my $command ('EHLO client.test', 'STARTTLS') { print {$socket} "$command\r\n"; Peer::reply($socket) }
        print {$socket} "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" . 'x' x ($_ * 10);
        close $socket;
    }
    my $client = client($listener, '-tls1_3', @verified);
    like($client->command('EHLO client.test'), qr/^250/, "$listener: after 50 of them the next is served");
    $client->command('QUIT');
    is(($client->finish)[0], 0, "$listener: exit code of s_client");
}

section('The account');
my ($account) = $sluice->ask('account');
is($account->{unaccounted}, 0, 'unaccounted');
is($sluice->stop, 0, 'exit code at SIGTERM');
my @alarming = grep {/"level": "(?:error|critical)"|Fatal error/} split /\n/, $sluice->log;
is(scalar @alarming, 0, 'errors in the log') or print map {"        $_\n"} @alarming;
finish();

sub client { my ($listener, @arguments) = @_; return SClient->start($port{$listener}, "$temporary/said", @arguments) }

sub connected {
    my ($listener) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port{$listener}, Timeout => 10) or die "no connection: $!";
    binmode $socket;
    return $socket;
}

sub refused {
    my ($listener, $name, @arguments) = @_;
    my $client = client($listener, @arguments);
    my $reply = $client->command('EHLO client.test');
    my ($status, $said) = $client->finish;
    ok($reply eq '' && $status != 0 && $said !~ /CONNECTION ESTABLISHED/, "$listener: $name is refused", "$reply $status $said");
    like($said, qr/alert|no cipher|no protocols/, "$listener: and s_client says why: " . ($said =~ /SSL routines::?([^:]*)/ ? $1 : ''));
}

# Sends each of these at once, and collects what comes until it has been silent for a moment, a reply for each.
sub raw {
    my ($listener, @pieces) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $socket = connected($listener);
    Peer::reply($socket);
    return map {
        syswrite $socket, $_;
        my $answer = '';
        while (IO::Select->new($socket)->can_read(1)) { sysread($socket, $answer, 65536, length $answer) or last }
        $answer;
    } @pieces;
}

# A man in the middle who adds octets behind STARTTLS; the port on which he takes one connection.
sub proxy {
    my ($port, $injected, $pause) = @_;
    my $listener = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0) or die "proxy: $!";
    my $pid = fork // die "fork: $!";
    push @proxies, $pid;
    return $listener->sockport if $pid;
    my $client = $listener->accept;
    my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or exit 1;
    my $select = IO::Select->new($client, $server);
    while (my @ready = $select->can_read(20)) {
        for my $from (@ready) {
            sysread($from, my $octets, 65536) or exit 0;
            my $to = $from == $client ? $server : $client;
            my $is_start = $from == $client && $octets =~ /STARTTLS\r\n\z/;
            syswrite $to, $is_start && !$pause ? $octets . $injected : $octets;
            next unless $is_start && $pause;
            select undef, undef, undef, $pause;
            syswrite $to, $injected;
        }
    }
    exit 0;
}

sub finish {
    $sink->stop;
    kill TERM => @proxies;
    my $status = summary();
    print "\n-- Sluice\n", substr $sluice->log, -6000 if $status && $ENV{SLUICE_PEERS_LOGS};
    exit $status;
}
