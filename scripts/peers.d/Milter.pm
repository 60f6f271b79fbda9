# SPDX-License-Identifier: Apache-2.0
# A milter that does what it is told: it speaks the protocol's packets as they are, notes what it hears, and answers each
# step with the packets that its script has for it.
package Milter;
use strict;
use warnings;
use Exporter 'import';
use IO::Socket::INET;
use IO::Socket::UNIX;
use Storable qw(nstore retrieve);
use Peer;
our @EXPORT = qw(add insert change body sender recipient recipient_with no_recipient reply_code hold);

use constant {ALL_ACTIONS => 0x1FF, ALL_STEPS => 0x1FFFFF, LEADING_SPACE => 0x100000, REJECTED_RECIPIENTS => 0x800, SKIP => 0x400};

# The bit that stands for "no reply to this step", by the step's code.
my %no_reply = (
    C => 0x1000, H => 0x2000, M => 0x4000, R => 0x8000, T => 0x10000, U => 0x20000, N => 0x40000, L => 0x80, B => 0x80000);

# Packets that a script has: modifications…
sub add { return 'h' . pack 'Z*Z*', @_ }
sub insert { return 'i' . pack 'NZ*Z*', @_ }
sub change { return 'm' . pack 'NZ*Z*', @_ }
sub body { return 'b' . $_[0] }
sub sender { return 'e' . join '', map { pack 'Z*', $_ } @_ }
sub recipient { return '+' . pack 'Z*', @_ }
sub recipient_with { return '2' . join '', map { pack 'Z*', $_ } @_ }
sub no_recipient { return '-' . pack 'Z*', @_ }
sub hold { return 'q' . pack 'Z*', @_ }

# …and a reply; the others that end a step are c, a, r, t, d, s, 4 alone.
sub reply_code { return 'y' . pack 'Z*', @_ }

# start(folder, port, or nothing for a Unix socket there)
sub start {
    my ($class, $folder, $port) = @_;
    mkdir $folder;
    chmod 0777, $folder;
    my $path = "$folder/socket";
    my $listener = $port
        ? IO::Socket::INET->new(Listen => 50, LocalAddr => '127.0.0.1', LocalPort => $port)
        : IO::Socket::UNIX->new(Listen => 50, Local => $path);
    die "milter: $!" unless $listener;
    chmod 0777, $path unless $port;
    my $self = bless {folder => $folder, port => $port, path => $path}, $class;
    $self->script({});
    my $pid = $self->{pid} = fork // die "fork: $!";
    return $self if $pid;
    local $SIG{CHLD} = 'IGNORE';
    while (my $client = $listener->accept) {
        next if fork;
        eval { $self->serve($client); 1 } or print STDERR "milter: $@";
        exit 0;
    }
    exit 0;
}

# script({version, actions, steps: flags to ask for, macros: {number of the step: names}, at: {code, or code with the
# first argument: [packets]}, sleep: {code: seconds}}): from the next client or message on. A step that is not named is
# answered with c. `MORE` as a packet waits a second.
sub script {
    my ($self, $script) = @_;
    unlink "$self->{folder}/heard";
    nstore($script, "$self->{folder}/.script");
    rename "$self->{folder}/.script", "$self->{folder}/script";
}

sub serve {
    my ($self, $client) = @_;
    binmode $client;
    my $script = retrieve("$self->{folder}/script");
    my $silent = 0;
    open my $heard, '>>:raw', "$self->{folder}/heard";
    $heard->autoflush(1);
    while (defined(my $packet = packet($client))) {
        my ($code, $payload) = (substr($packet, 0, 1), substr $packet, 1);
        print {$heard} pack 'N/a', $packet;
        if ($code eq 'O') {
            my ($version, $actions, $steps) = unpack 'NNN', $payload;
            $silent = ($script->{steps} // LEADING_SPACE | SKIP) & $steps;
            my $macros = $script->{macros} // {};
            put($client, 'O' . pack('NNN', $script->{version} // 6, ($script->{actions} // ALL_ACTIONS) & $actions, $silent)
                . join '', map { pack 'NZ*', $_, $macros->{$_} } sort keys %$macros);
            next;
        }
        next if $code =~ /[DAK]/;
        # An MTA, or Sluice, may keep the connection for many messages.
        $script = retrieve("$self->{folder}/script") if $code =~ /[CM]/;
        last if $code eq 'Q';
        my ($first) = $code =~ /[MRL]/ ? unpack 'Z*', $payload : '';
        my $answers = $script->{at}{"$code$first"} // $script->{at}{$code};
        next if $silent & ($no_reply{$code} // 0);
        for my $answer ($answers ? @$answers : 'c') {
            if ($answer eq 'MORE') { sleep 1 }
            else { put($client, $answer) }
        }
    }
}

sub packet {
    my ($client) = @_;
    my $length = octets($client, 4) // return undef;
    return octets($client, unpack 'N', $length);
}

sub octets {
    my ($client, $length) = @_;
    my $octets = '';
    while (length $octets < $length) { sysread($client, $octets, $length - length $octets, length $octets) or return undef }
    return $octets;
}

sub put { my ($client, $packet) = @_; syswrite $client, pack 'N/a', $packet }

# All packets that came since the script was set.
sub heard {
    my ($self) = @_;
    return () unless -e "$self->{folder}/heard";
    return unpack '(N/a)*', read_file("$self->{folder}/heard");
}

sub stop { kill TERM => $_[0]{pid} }

1;
