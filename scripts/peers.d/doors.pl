# SPDX-License-Identifier: Apache-2.0
# Same verdict at both doors: generated messages through Sluice's SMTP listener and through Postfix with Sluice as its
# milter; reply, decision record and what is delivered are compared: doors.pl PROGRAMS TEMPORARY. `SLUICE_DOORS_MESSAGES`
# for another number than 500.
use strict;
use warnings;
use JSON::PP;
use Check;
use Generated;
use Peer;
use Postfix;
use Sink;
use Sluice;

my ($programs, $temporary) = @ARGV;
my $count = $ENV{SLUICE_DOORS_MESSAGES} // 500;
my $folder = "$temporary/sluice";
my $front = free_port();
my $sluice = Sluice->new($programs, $folder, {answers => $front});
my %sink = map { $_ => Sink->start("$temporary/sink-$_") } qw(front mta);
my $zone = read_file('fixtures/zone.yml') . "\n" . key('demo', 'demo.example') . key('gen', 'partner.example');
write_file("$folder/zone.yml", $zone);
my $routes = "pipeline: {untrusted: inbound, trusted: outbound}";
$sluice->serve(<<"END");
hostname: mx.sluice.test
state: state
listeners:
  - {name: front, protocol: smtp, address: "127.0.0.1:$front", $routes}
  - {name: mta, protocol: milter, address: "unix:milter.sock", mode: "0666", $routes}
relay:
  domains: {demo.example: {route: "smtp://127.0.0.1:$sink{front}{port}", recipients: any}}
  trusted_networks: [127.0.0.1]
  default_route: "smtp://127.0.0.1:$sink{front}{port}"
pipelines:
  inbound: [{spf: {fail: quarantine}}, {dkim-verify: {}}, {virus: {infected: reject, database: embedded}}, {spam: {}}]
  outbound: [{virus: {infected: reject, database: embedded}}, {dkim-sign: {keys: [{domain: demo.example, selector: demo, file: demo.pem}]}}]
resolver: {zone: zone.yml}
END
chmod 0755, $folder;
my $postfix = Postfix->start('postfix', "$temporary/postfix", 'postfix.test', [], certificate("$temporary/chain.pem"), {
    relayhost => "[127.0.0.1]:$sink{mta}{port}", smtpd_milters => "unix:$folder/milter.sock",
    milter_protocol => 6, milter_default_action => 'tempfail', smtpd_error_sleep_time => 0});
my %door = (front => $front, mta => $postfix->{port});

section("The same $count messages at both doors");
ok(wait_until(30, sub { $sluice->ready && $postfix->ready }), 'Sluice and Postfix listen') or finish();
my @mails = Generated::all($count, 500, \&signed);
my (%reply, %arrived, %disposition);
for my $mail (@mails) {
    $reply{$_}[$mail->{number}] = send_message($door{$_}, @$mail{qw(from to content client)}) for qw(front mta);
}
my %record;
wait_until(30, sub { %record = map { ("$_->{listener} $_->{recipients}[0]" => $_->{id}) } $sluice->ask('trace', '--limit', 2 * $count); 2 * $count == keys %record });
for my $mail (@mails) {
    my ($number, $kind) = @$mail{qw(number kind)};
    my ($first) = $mail->{to}[0];
    my ($local) = $first =~ /^([^@]*)/;
    my %decided = map { my ($record) = $sluice->ask('trace', $record{"$_ $first"} // 'none'); $_ => $record // {} } qw(front mta);
    my $disposition = $decided{front}{disposition} // 'none';
    $disposition{$disposition}++;
    my @different;
    push @different, "reply: $reply{front}[$number] | $reply{mta}[$number]" if words($reply{front}[$number]) ne words($reply{mta}[$number]);
    push @different, "record: " . facts($decided{front}) . ' | ' . facts($decided{mta}) if facts($decided{front}) ne facts($decided{mta});
    if ($disposition eq 'deliver') {
        for my $to (@{$mail->{to}}) {
            my ($name) = $to =~ /^([^@]*)/;
            my ($wanted, $found) = map { my $sink = $sink{$_}; bare(wait_until(20, sub { $sink->message($name) })) } qw(front mta);
            push @different, "content for $name: $wanted | $found" if $wanted ne $found || $wanted eq '';
        }
    } elsif (defined $sink{mta}->message($local)) {
        push @different, 'Postfix delivered it';
    }
    ok(!@different, "$kind $number", join '; ', @different) if @different || $number < @Generated::kinds;
}
ok(($disposition{$_} // 0) > 0, "some are to $_: " . ($disposition{$_} // 0)) for qw(deliver quarantine reject);
is($sluice->stop, 0, 'exit code at SIGTERM');
finish();

# Makes a key; the lines of the zone that publish it.
sub key {
    my ($selector, $domain) = @_;
    system("$programs/sluice dkim keygen --domain $domain --selector $selector --out $folder/$selector.pem >$folder/record") == 0 or die "keygen\n";
    my ($record) = read_file("$folder/record") =~ /(v=DKIM1.*?p=[A-Za-z0-9+\/="\s()]+)/s;
    $record =~ s/["\s()]+//g;
    my @strings = $record =~ /(.{1,250})/g;
    return "$selector._domainkey.$domain:\n  - TXT: [" . join(', ', map {"\"$_\""} @strings) . "]\n";
}

sub signed {
    my ($content) = @_;
    write_file("$temporary/unsigned.eml", $content);
    my $signed = qx($programs/sluice dkim sign $temporary/unsigned.eml --domain partner.example --selector gen --key $folder/gen.pem);
    die "dkim sign\n" unless $signed =~ /^DKIM-Signature:/;
    return $signed;
}

# A refusal without its id; all that accept are alike.
sub words { return $_[0] =~ /^2/ ? '2' : $_[0] =~ s/\(id \w+\)/(id)/gr }

# What the record says of the message itself.
sub facts {
    my ($record) = @_;
    my %facts = map { $_ => $record->{$_} } qw(disposition score required findings turned_on authentication_results reverse_path);
    $facts{recipients} = [map {"$_->{address} $_->{disposition}"} @{$record->{recipients} // []}];
    $facts{stages} = [map { join ' ', map { $_ // '' } @$_{qw(name outcome verdict policy reason)} } @{$record->{stages} // []}];
    return JSON::PP->new->canonical->encode(\%facts);
}

# All but the Received fields, which each hop writes for itself, and what our signature has of its time.
sub bare {
    my ($header, $body) = ($_[0] // '') =~ /\A(.*?\r\n|)(\r\n.*|)\z/s;
    $header =~ s/^Received:[^\n]*\n(?:[ \t][^\n]*\n)*//gmi;
    $header =~ s/\bt=\d+;// if $header =~ /^DKIM-Signature:(?:[^\n]*\n[ \t])*[^\n]*\bd=demo\.example/m;
    $header =~ s/^(DKIM-Signature:(?:[^\n]*\n[ \t])*[^\n]*d=demo\.example(?:[^\n]*\n[ \t])*?[^\n]*?)\bb=[^;]*?\r\n(?![ \t])/$1b=\r\n/gm;
    return $header =~ s/\s*\r\n[ \t]+/ /gr . $body;
}

sub finish {
    $_->stop for values %sink, $postfix;
    exit summary();
}
