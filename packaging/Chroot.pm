# SPDX-License-Identifier: Apache-2.0
# What the checks in a chroot share: commands in it, processes, counts.
package Chroot;
use strict;
use warnings;
use Exporter 'import';
use Peer;
our @EXPORT = qw(chroot_is check inside succeeds eventually status_field processes port finish);

my ($root, $passed, $failed) = ('', 0, 0);

sub chroot_is { $root = $_[0] }

sub check {
    my ($what, $found, $detail) = @_;
    $found ? $passed++ : $failed++;
    print $found ? '  ok      ' : '  FAILED  ', $what, $found || !defined $detail ? '' : ": $detail", "\n";
    return $found;
}

# Runs a command of the shell in the chroot: its output and its exit code.
sub inside {
    my ($command) = @_;
    open my $pipe, '-|', 'chroot', $root, 'sh', '-c', "($command) 2>&1 </dev/null" or die "chroot: $!";
    my $output = join '', <$pipe>;
    close $pipe;
    return ($output, $? >> 8);
}

sub succeeds {
    my ($what, $command) = @_;
    my ($output, $code) = inside($command);
    check($what, $code == 0, "exit $code: $output");
    return $output;
}

sub eventually {
    my ($condition, $seconds) = @_;
    my $end = time + ($seconds // 20);
    until ($condition->()) {
        return 0 if time > $end;
        select undef, undef, undef, 0.05;
    }
    return 1;
}

sub status_field {
    my ($pid, $field) = @_;
    return read_file("/proc/$pid/status") =~ /^$field:\s*(.*)$/m ? $1 : '';
}

# The processes that run that program, as they are seen from here.
sub processes {
    my ($program) = @_;
    return grep { (readlink("/proc/$_/exe") // '') =~ m{/\Q$program\E$} } map { m{/proc/(\d+)} } glob '/proc/[0-9]*';
}

# Takes another port of 127.0.0.1 for one that the configuration names.
sub port {
    my ($from, $to) = @_;
    return inside("sed -i '/^ *#/! s|127.0.0.1:$from\"|127.0.0.1:$to\"|' /etc/sluice/sluice.yml");
}

sub finish {
    my ($name) = @_;
    print "==> $name: $passed passed, $failed failed\n";
    exit($failed ? 1 : 0);
}

1;
