# SPDX-License-Identifier: Apache-2.0
# deb-test.pl CHROOT: what `packaging/deb-test` tries once the chroot stands, in namespaces of its own.
use strict;
use warnings;
use IO::Socket::INET;
use JSON::PP;
use Chroot;
use Peer;
use Sink;

$| = 1;
my ($root) = @ARGV;
chroot_is($root);
my $virus = read_file('fixtures/virus-plain.eml') =~ s/\r?\n/\r\n/gr;
my $spam = read_file('fixtures/spam-gtube.eml') =~ s/\r?\n/\r\n/gr;
my $clean = "From: Anna <anna\@partner.test>\r\nTo: Bob <bob\@sluice.test>\r\nSubject: Tuesday\r\n"
    . "Date: Tue, 24 Nov 2026 08:00:00 +0000\r\nMessage-ID: <%s\@partner.test>\r\n\r\nHello Bob.\r\n";

# As the unit does it: the user sluice, one capability, and no way to more.
my $as_unit = 'setpriv --reuid sluice --regid sluice --init-groups --bounding-set -all,+net_bind_service '
    . '--inh-caps -all,+net_bind_service --ambient-caps -all,+net_bind_service --no-new-privs --reset-env';

sub serve {
    my ($port) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDERR, '>>', "$root/tmp/log";
        exec 'chroot', $root, split(/ /, $as_unit), '/usr/bin/sluice', 'serve', '--config', '/etc/sluice/sluice.yml' or die;
    }
    check("it listens on port $port", eventually(sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) }),
        (inside('tail -n 3 /tmp/log'))[0]);
    return $pid;
}

sub ends {
    my ($pid) = @_;
    kill TERM => $pid;
    waitpid $pid, 0;
    check('SIGTERM ends it with exit code 0', $? == 0, $?);
}

# Every file and folder of the chroot, but for what apt and dpkg keep of every package, and the kernel's.
sub files {
    my ($list) = inside('find / -xdev \( -path /proc -o -path /root -o -path /tmp -o -path /run -o -path /var/log -o -path /var/cache '
        . '-o -path /var/lib/dpkg -o -path /var/lib/apt \) -prune -o -print; cat /etc/passwd /etc/group');
    return map { $_ => 1 } split /\n/, $list;
}

sub left {
    my ($before) = @_;
    my %now = files();
    return (sort(grep { !$before->{$_} } keys %now), map { "missing: $_" } sort grep { !$now{$_} } keys %$before);
}

print "==> Installing\n";
my %before = files();
write_file("$root/etc/mailname", "sluice.test\n");
$before{'/etc/mailname'} = 1;
succeeds('dpkg installs it', 'dpkg -i /root/sluice.deb');
my ($programs) = inside('ldd /usr/bin/sluice /usr/libexec/sluice/sluice-worker');
check('every library is there', $programs !~ /not found/, $programs);
my @swift = $programs =~ /(lib_?(?:swift|Foundation|dispatch|Blocks)\S*) => (\S+)/g;
check('Swift\'s libraries are those of the package', @swift && !grep({ m{^/} && !m{^/usr/lib/sluice/} } @swift), "@swift");
check('the user sluice has no shell and no password', (inside('getent passwd sluice'))[0] =~ m{:/var/lib/sluice:/usr/sbin/nologin$});
check('the state directory is the user\'s alone', (inside('stat -c "%U:%G %a" /var/lib/sluice'))[0] eq "sluice:sluice 700\n");
print map { "          $_\n" } grep { /hostname:|route:/ } split /\n/, read_file("$root/etc/sluice/sluice.yml");
check('sluice check says OK', succeeds('sluice check passes', "$as_unit sluice check") =~ m{/etc/sluice/sluice.yml: OK});
check('the unit is enabled', -l "$root/etc/systemd/system/multi-user.target.wants/sluice.service");
succeeds('bash takes the completion', 'bash -c ". /usr/share/bash-completion/completions/sluice; complete -p sluice"');

print "==> Manual and unit\n";
my @pages = glob "$root/usr/share/man/man1/sluice*.gz";
my $warnings = join '', map { `zcat $_ | groff -ww -man -k -Tutf8 -z 2>&1` } @pages;
check(scalar(@pages) . ' manual pages, without a warning of groff', @pages > 30 && $warnings eq '', $warnings);
my $unit = "$root/usr/lib/systemd/system/sluice.service";
my $security = `systemd-analyze security --offline=true --no-pager --threshold=20 $unit`;
check('systemd-analyze security: below 2.0', $? == 0, $security);
print "          $1\n" if $security =~ /(Overall exposure level.*?) \S*$/m;

print "==> Mail, with the configuration as it was installed\n";
my $sink = Sink->start("$root/tmp/sink", 25);
my $server = serve(2525);
check('it runs as sluice', status_field($server, 'Uid') !~ /\b0\b/, status_field($server, 'Uid'));
check('it has CAP_NET_BIND_SERVICE and no other capability',
    !grep({ hex(status_field($server, $_)) != 0x400 } qw(CapEff CapPrm CapBnd CapAmb)));
my $reply = send_message(2525, 'anna@partner.test', ['bob@sluice.test'], sprintf $clean, 'one');
check('a message is accepted', $reply =~ /^250/, $reply);
check('it reaches the sink', eventually(sub { defined $sink->message('bob') }));
my $arrived = $sink->message('bob') // '';
check('with the results of the chain', $arrived =~ /^Authentication-Results: (?:.|\n)*spf=(?:.|\n)*dkim=none/m, $arrived);
$reply = send_message(2525, 'scan@office.test', ['bob@sluice.test'], $virus);
check('a virus is refused, found in a process of its own', $reply =~ /^554 5\.7\.1/, $reply);
my @workers = processes('sluice-worker');
check('sluice-worker runs as sluice, without new privileges', @workers && !grep({ status_field($_, 'Uid') =~ /\b0\b/
    || status_field($_, 'NoNewPrivs') != 1 } @workers), "@workers");
$reply = send_message(2525, 'test@sender.test', ['bob@sluice.test'], $spam);
check('spam (GTUBE) is refused', $reply =~ /^550 5\.7\.1/, $reply);
$reply = send_message(2525, 'anna@partner.test', ['someone@elsewhere.test'], $clean);
check('it is no open relay', $reply =~ /^550 5\.7\.1/, $reply);
my $account = decode_json((inside("$as_unit sluice account --json"))[0]);
check('account: one accepted, one delivered, none unaccounted', $account->{accepted} == 1 && $account->{delivered} == 1
    && $account->{unaccounted} == 0 && $account->{chain} eq 'intact', encode_json($account));
ends($server);

print "==> On port 25, after an upgrade, with a next hop that goes away\n";
$sink->stop;
port(25, 2526);
port(2525, 25);
my $mine = read_file("$root/etc/sluice/sluice.yml");
succeeds('the same package once more', 'dpkg -i /root/sluice.deb');
check('the configuration is as the operator has left it', read_file("$root/etc/sluice/sluice.yml") eq $mine);
$sink = Sink->start("$root/tmp/sink2", 2526);
$server = serve(25);
kill HUP => $server;
$reply = send_message(25, 'anna@partner.test', ['bob@sluice.test'], sprintf $clean, 'two');
check('a message is accepted after SIGHUP', $reply =~ /^250/, $reply);
check('it reaches the sink', eventually(sub { defined $sink->message('bob') }));
$sink->stop;
$reply = send_message(25, 'anna@partner.test', ['bob@sluice.test'], sprintf $clean, 'three');
check('without the next hop one is accepted', $reply =~ /^250/, $reply);
ends($server);

print "==> Purged while mail waits\n";
my $said = succeeds('remove', 'dpkg --remove sluice') . succeeds('purge', 'dpkg --purge sluice');
print map { "          $_\n" } grep { /^sluice: / } split /\n/, $said;
check('it says that mail waits', $said =~ /mail still waits/);
check('the mail is kept', -s "$root/var/lib/sluice/undelivered");
my @left = grep { !m{^/var/lib/sluice|^sluice:} } left(\%before);
check('nothing else is left', !grep({ !m{^/etc/(?:passwd|group|shadow|gshadow|subuid|subgid)-$} } @left), "@left");

print "==> Installed again\n";
succeeds('dpkg installs it', 'dpkg -i /root/sluice.deb');
port(25, 2526);
port(2525, 25);
$sink = Sink->start("$root/tmp/sink3", 2526);
$server = serve(25);
succeeds('the queue is flushed', "$as_unit sluice queue flush");
check('the mail that waited reaches the sink', eventually(sub { ($sink->message('bob') // '') =~ /<three\@/ }));
$account = decode_json((inside("$as_unit sluice account --json"))[0]);
check('account: three accepted, three delivered', $account->{accepted} == 3 && $account->{delivered} == 3
    && $account->{unaccounted} == 0 && $account->{chain} eq 'intact', encode_json($account));
ends($server);
$sink->stop;

print "==> Purged\n";
$said = succeeds('purge', 'dpkg --purge sluice');
@left = left(\%before);
print "          left: $_\n" for @left;
check('nothing is left but the backups that the account tools make', !grep({ !m{^/etc/(?:passwd|group|shadow|gshadow|subuid|subgid)-$} } @left));
finish('deb-test');
