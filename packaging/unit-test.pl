# SPDX-License-Identifier: Apache-2.0
# unit-test.pl CHROOT: starts the chroot's systemd and tries the unit under it, as `packaging/deb-test` does last.
use strict;
use warnings;
use IO::Socket::INET;
use Chroot;
use Peer;
use Sink;

$| = 1;
my ($root) = @ARGV;
chroot_is($root);
my $virus = read_file('fixtures/virus-plain.eml') =~ s/\r?\n/\r\n/gr;
my $clean = "From: Anna <anna\@partner.test>\r\nSubject: Tuesday\r\n\r\nHello Bob.\r\n";

print "==> Under systemd\n";
my $outer = fork // die "fork: $!";
if (!$outer) {
    open STDERR, '>', "$root/root/boot.log";
    exec 'unshare', '--mount', '--pid', '--cgroup', '--fork', '--kill-child', 'sh', 'packaging/boot', $root or die "unshare: $!";
}
my $first; # systemd, the first process in there
eventually(sub { ($first) = split ' ', read_file("/proc/$outer/task/$outer/children"); $first });

# Runs a command beside that systemd: its output and its exit code.
sub beside {
    my ($command) = @_;
    open my $pipe, '-|', 'nsenter', '-t', $first, '-m', '-p', '-C', 'sh', '-c', "($command) 2>&1 </dev/null" or die "nsenter: $!";
    my $output = join '', <$pipe>;
    close $pipe;
    return ($output, $? >> 8);
}

sub answers {
    my ($what, $command, $expected) = @_;
    my ($output, $code) = beside($command);
    return check($what, $output =~ $expected, "exit $code: $output");
}

check('systemd starts', eventually(sub { (beside('systemctl is-system-running'))[0] =~ /^(?:running|degraded)/ }, 60),
    read_file("$root/root/boot.log"));
answers('dpkg installs the package', 'dpkg -i /root/sluice.deb; echo $?', qr/^0$/m);
answers('and the server runs', 'systemctl is-active sluice', qr/^active$/);
port(25, 2526);
port(2525, 25);
my $sink = Sink->start("$root/root/sink", 2526);
answers('it is started again, on port 25', 'systemctl restart sluice; systemctl is-active sluice', qr/^active$/);
check('it listens', eventually(sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => 25) }));
my $reply = send_message(25, 'anna@partner.test', ['bob@sluice.test'], $clean);
check('a message is accepted', $reply =~ /^250/, $reply);
check('it reaches the sink', eventually(sub { defined $sink->message('bob') }));
$reply = send_message(25, 'scan@office.test', ['bob@sluice.test'], $virus);
check('a virus is refused, found by sluice-worker under the unit\'s system call filter', $reply =~ /^554 5\.7\.1/, $reply);
for my $program (qw(sluice sluice-worker)) {
    my ($process) = processes($program);
    check("$program: not root, no new privileges, a system call filter, one capability at most", $process
        && status_field($process, 'Uid') !~ /\b0\b/ && status_field($process, 'NoNewPrivs') == 1
        && status_field($process, 'Seccomp') == 2 && (hex(status_field($process, 'CapEff')) & ~0x400) == 0);
}
answers('reload', 'systemctl reload sluice; echo $?', qr/^0$/);
my $right = read_file("$root/etc/sluice/sluice.yml");
write_file("$root/etc/sluice/sluice.yml", $right =~ s/^hostname:/hostnam:/mr);
answers('reload fails by name where the configuration has a mistake', 'systemctl reload sluice; echo $?; journalctl -u sluice -o cat -n 5',
    qr/^1$(?:.|\n)*unknown key hostnam/m);
answers('and the server runs on', 'systemctl is-active sluice', qr/^active$/);
answers('stop: exit code 0', 'systemctl stop sluice; systemctl show sluice -p Result,ExecMainStatus --value', qr/success/);
answers('a start with the mistake ends with 78 and is not tried again',
    'systemctl start sluice; sleep 3; systemctl show sluice -p NRestarts,ExecMainStatus', qr/(?=(?:.|\n)*NRestarts=0)(?=(?:.|\n)*ExecMainStatus=78)/);
write_file("$root/etc/sluice/sluice.yml", $right);
answers('it runs again', 'systemctl start sluice; systemctl is-active sluice', qr/^active$/);
answers('purge while it runs', 'dpkg --purge sluice; echo $?', qr/^0$/m);
answers('nothing of it is left', 'systemctl is-active sluice; getent passwd sluice; '
    . 'ls -d /var/lib/sluice /etc/sluice /run/sluice /etc/systemd/system/*/sluice.service 2>/dev/null', qr/^inactive\n$/);
$sink->stop;
kill KILL => $outer;
finish('unit-test');
