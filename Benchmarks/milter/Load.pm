# SPDX-License-Identifier: Apache-2.0
# The client: sends messages over some connections at once and notes how long each took.
package Load;
use strict;
use warnings;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes 'time';
use Exporter 'import';
our @EXPORT = qw(load);

# load(port, client address or nothing, recipient, [messages], connections at once, messages a connection): for each message the
# time from MAIL to the last reply, in ms, and the time from the final dot on. Dies where one isn't taken.
sub load {
    my ($port, $address, $recipient, $messages, $clients, $each) = @_;
    my @readers;
    for my $client (0 .. $clients - 1) {
        pipe my $reader, my $writer or die "pipe: $!";
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            close $reader;
            my @own = map { $messages->[$_] } grep { $_ % $clients == $client } 0 .. $#$messages;
            eval { send_all($port, $address, $recipient, \@own, $each, $writer); 1 } or print {$writer} "failed: $@";
            close $writer;
            require POSIX;
            POSIX::_exit(0);
        }
        close $writer;
        push @readers, [$reader, $pid];
    }
    my (@whole, @final);
    for (@readers) {
        my ($reader, $pid) = @$_;
        while (defined(my $line = <$reader>)) {
            die "a message was not taken: $line" unless $line =~ /^([\d.]+) ([\d.]+)$/;
            push @whole, $1;
            push @final, $2;
        }
        waitpid $pid, 0;
    }
    return \@whole, \@final;
}

sub ask {
    my ($socket, $command, $expected) = @_;
    print {$socket} $command;
    while (defined(my $line = <$socket>)) {
        next if $line =~ /^\d{3}-/;
        die "“$line” to “" . substr($command, 0, 40) . "”\n" unless $line =~ /^$expected/;
        return;
    }
    die "closed after “" . substr($command, 0, 40) . "”\n";
}

sub send_all {
    my ($port, $address, $recipient, $messages, $each, $writer) = @_;
    local $SIG{ALRM} = sub { die "no reply for a minute\n" };
    my ($socket, $sent) = (undef, 0);
    for my $message (@$messages) {
        if (!$socket) {
            $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or die "no connection: $!\n";
            $socket->autoflush(1);
            setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
            ask($socket, '', 220);
            ask($socket, "EHLO client.sender.example\r\n", 250);
            if ($address) {
                ask($socket, "XCLIENT NAME=client.sender.example ADDR=$address\r\n", 220);
                ask($socket, "EHLO client.sender.example\r\n", 250);
            }
        }
        alarm 60;
        my $start = time;
        ask($socket, "MAIL FROM:<anna\@sender.example>\r\n", 250);
        ask($socket, "RCPT TO:<$recipient>\r\n", 250);
        ask($socket, "DATA\r\n", 354);
        my $dot = time;
        ask($socket, ($message =~ s/^\./../gmr) . ".\r\n", 250);
        my $end = time;
        printf {$writer} "%.4f %.4f\n", ($end - $start) * 1000, ($end - $dot) * 1000;
        next if ++$sent % $each;
        print {$socket} "QUIT\r\n";
        undef $socket;
    }
}

1;
