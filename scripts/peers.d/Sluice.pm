# SPDX-License-Identifier: Apache-2.0
# `sluice serve` on a state directory of its own, and what is asked of it by the command line.
package Sluice;
use strict;
use warnings;
use JSON::PP;
use Peer;

# start(folder with the programs, folder of its own, certificate, key, port of Postfix, port of the sink)
sub start {
    my ($class, $programs, $folder, $certificate, $key, $postfix, $sink) = @_;
    my ($mx, $submission) = (free_port(), free_port());
    my $self = $class->new($programs, $folder, {mx => $mx, submission => $submission, answers => $submission});
    $self->add_user('anna', 'a right password');
    write_file("$folder/zone.yml", "client.test: [{TXT: \"v=spf1 +all\"}]\n");
    return $self->serve(<<"END");
hostname: mx.sluice.test
state: state
listeners:
  - {name: mx, protocol: smtp, address: "127.0.0.1:$mx", pipeline: {untrusted: inbound, trusted: outbound}, certificate: $certificate, key: $key}
  - {name: submission, protocol: submission, address: "127.0.0.1:$submission", pipeline: outbound, certificate: $certificate, key: $key, users: users.txt}
relay:
  domains:
    hop.test: {route: "smtp://127.0.0.1:$postfix", recipients: next_hop}
    sink.test: {route: "smtp://127.0.0.1:$sink", recipients: any}
  default_route: "smtp://127.0.0.1:$sink"
pipelines:
  inbound: [{spf: {}}, {dkim-verify: {}}, {virus: {infected: reject, database: embedded}}, {spam: {tag: 5, quarantine: 8, reject: 15}}]
  outbound: [{virus: {infected: reject, database: embedded}}]
limits: {message_size: 40MB}
queue: {first_retry: 1s, max_retry: 2s, expire: 1d}
resolver: {zone: zone.yml}
END
}

# new(folder with the programs, folder of its own, {answers: the port at which it is asked whether it listens, …})
sub new {
    my ($class, $programs, $folder, $ports) = @_;
    mkdir $folder;
    return bless {program => "$programs/sluice", folder => $folder, %$ports}, $class;
}

# Starts it with that configuration.
sub serve {
    my ($self, $configuration) = @_;
    write_file("$self->{folder}/sluice.yml", $configuration);
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDERR, '>', "$self->{folder}/log";
        exec $self->{program}, 'serve', '--config', "$self->{folder}/sluice.yml" or die "sluice: $!";
    }
    $self->{pid} = $pid;
    return $self;
}

sub ready {
    my ($self) = @_;
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{answers});
}

sub add_user {
    my ($self, $name, $password) = @_;
    open my $pipe, "|-", "'$self->{program}' user add --file '$self->{folder}/users.txt' $name >/dev/null" or die "sluice user: $!";
    print {$pipe} $password;
    close $pipe or die "sluice user add failed";
}

# The JSON objects that a command prints.
sub ask {
    my ($self, $command, @arguments) = @_;
    open my $pipe, '-|', $self->{program}, $command, @arguments, '--json', '--config', "$self->{folder}/sluice.yml" or die "sluice: $!";
    my @objects = map { decode_json($_) } <$pipe>;
    close $pipe;
    return @objects;
}

# What `sluice trace` says of the id at the end of a reply; the history is written behind, so it is asked for a while.
sub trace_of {
    my ($self, $reply) = @_;
    return undef unless $reply =~ /\b([0-9A-Za-z]{10,})\W*\s*\z/;
    my $id = $1;
    for (1 .. 50) {
        my ($record) = $self->ask('trace', $id);
        return $record if $record && $record->{disposition};
        select undef, undef, undef, 0.1;
    }
    return undef;
}

sub log { my ($self) = @_; return read_file("$self->{folder}/log") }

# SIGTERM; returns the exit code.
sub stop {
    my ($self) = @_;
    kill TERM => $self->{pid};
    waitpid $self->{pid}, 0;
    return $? & 127 ? "signal " . ($? & 127) : $? >> 8;
}

1;
