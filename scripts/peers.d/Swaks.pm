# SPDX-License-Identifier: Apache-2.0
# What swaks sends, the answer it has to get, and what `sluice trace` has to say of it.
package Swaks;
use strict;
use warnings;
use Check;
use Messages;
use Peer;

# swaks(port, arguments…): the reply that ended it, and its exit code.
sub swaks {
    my ($port, @arguments) = @_;
    open my $pipe, '-|', 'swaks', '--server', '127.0.0.1', '--port', $port, '--helo', 'client.test', '--from', 'anna@client.test',
        '--suppress-data', '--timeout', '120', @arguments or die "swaks: $!";
    my @replies = grep {/^<[-~*]+ +\d{3} /} <$pipe>;
    close $pipe;
    my ($refusal) = grep {/^<[~]?\*/} @replies;
    my ($accepted) = grep {/accepted as/} @replies;
    my $reply = $refusal // $accepted // $replies[-1] // '';
    return ($reply =~ s/^<\S+\s+|\s+\z//gr, $? >> 8);
}

# expect(Sluice, port, name, pattern of the reply, swaks' exit code, disposition, pattern of the finding that it turned on
# or `nothing` (an answer at RCPT needs no stage), arguments…)
sub expect {
    my ($sluice, $port, $name, $pattern, $wanted, $disposition, $turned_on, @arguments) = @_;
    my ($reply, $status) = swaks($port, @arguments);
    like($reply, $pattern, "$name: the answer is " . ($pattern =~ s/^\(\?\^?:\^?|\)\z|\\//gr));
    is($status, $wanted, "$name: swaks ends with");
    return unless defined $disposition;
    my $record = $sluice->trace_of($reply);
    is($record->{disposition}, $disposition, "$name: sluice trace says");
    my $finding = $record->{turned_on} ? $record->{turned_on}{name} : 'nothing';
    like($finding, $turned_on, "$name: and it turned on $finding");
    # What was refused is explained to who asks as it was to the client.
    is("$record->{reply}{code} $record->{reply}{enhanced} $record->{reply}{text}", $reply, "$name: and shows the reply")
        unless $disposition eq 'deliver';
    return $record;
}

sub run {
    my ($sluice, $hop, $sink, $temporary) = @_;
    my ($mx, $submission) = @$sluice{'mx', 'submission'};
    my @to = ('--to', 'swaks@hop.test');
    my @login = ('--auth-user', 'anna', '--auth-password', 'a right password');
    my $eicar = write_file("$temporary/eicar.com", Messages::eicar());
    my $gtube = write_file("$temporary/gtube.txt", Messages::gtube() . "\n");
    my $large = write_file("$temporary/large.bin", join '', map { chr int rand 256 } 1 .. 18_500_000);
    my @clean = ('deliver', qr/^nothing$/);

    my $record = expect($sluice, $mx, 'plain', qr/^250 2\.0\.0 /, 0, @clean, @to);
    my $state = wait_until(20, sub {
        ($record) = $sluice->ask('trace', $record->{id} // 'none');
        $record->{recipients}[0]{state} eq 'delivered' ? 'delivered' : '';
    });
    is($state, 'delivered', 'plain: and to its recipient');
    $record = expect($sluice, $mx, 'STARTTLS', qr/^250 2\.0\.0 /, 0, @clean, '--tls', @to);
    expect($sluice, $submission, 'AUTH PLAIN', qr/^250 2\.0\.0 /, 0, @clean, '--tls', '--auth', 'PLAIN', @login, '--to', 'auth-plain@foreign.test');
    expect($sluice, $submission, 'AUTH LOGIN', qr/^250 2\.0\.0 /, 0, @clean, '--tls', '--auth', 'LOGIN', @login, '--to', 'auth-login@foreign.test');
    for my $name ('auth-plain', 'auth-login') {
        like(wait_until(20, sub { $sink->message($name) }), qr/with ESMTPSA/, "$name: arrives outside, marked as authenticated");
    }
    my @wrong = ('--auth-user', 'anna', '--auth-password', 'a wrong password');
    expect($sluice, $submission, 'wrong password', qr/^535 5\.7\.8 /, 28, undef, undef, '--tls', '--auth', 'PLAIN', @wrong, @to);
    # It is not offered: swaks says so (28) and leaves.
    expect($sluice, $submission, 'AUTH without TLS', qr/^221 /, 28, undef, undef, '--auth', 'PLAIN', @login, @to);
    expect($sluice, $submission, 'no login', qr/^530 5\.7\.0 /, 23, undef, undef, '--tls', @to);
    expect($sluice, $mx, 'EICAR attached', qr/^554 5\.7\.1 /, 26, 'reject', qr/eicar/i, '--attach', "\@$eicar", @to);
    expect($sluice, $mx, 'GTUBE', qr/^550 5\.7\.1 /, 26, 'reject', qr/GTUBE/, '--body', "\@$gtube", @to);
    expect($sluice, $mx, '25 MB', qr/^250 2\.0\.0 /, 0, @clean, '--attach-type', 'application/octet-stream', '--attach', "\@$large", @to);
    expect($sluice, $mx, 'unknown recipient', qr/^550 5\.1\.1 /, 24, 'reject', qr/^nothing$/, '--to', 'nobody@hop.test');
    expect($sluice, $mx, 'foreign domain', qr/^550 5\.7\.1 /, 24, 'reject', qr/^nothing$/, '--to', 'bob@foreign.test');
    expect($sluice, $mx, 'too large', qr/^552 5\.3\.4 /, 26, undef, undef, '--attach', "\@$large", '--attach', "\@$large", @to);
}

1;
