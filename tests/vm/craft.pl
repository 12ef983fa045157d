#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# Sends packets that a socket would not send, and opens sockets that behave badly, for tests/vm/drops.sh.
#   craft.pl frame [KEY=VALUE...]              sends a frame by pod1's eth0, or by the device dev=
#   craft.pl dial [KEY=VALUE...] -- STEP...    opens a TCP connection by hand, then sends a segment for each STEP
#   craft.pl answer [KEY=VALUE...] -- STEP...  prints "up", waits for a SYN, then sends a segment for each STEP
#   craft.pl hold KIND [KEY=VALUE...]          opens a socket, prints "up", keeps it until standard input ends; nobody reads it
# Settings of a frame: type= proto= src= dst= sport= dport= flags= data= (number of bytes), ipsum=bad, sum=bad,
# longer= (added to the length in the IP header), dmac= smac=, icmp= code= (of ICMP), hlim=, md5=N (N wrong TCP-MD5
# options).
# A STEP is a list of settings, joined by commas. Its seq= and ack= are offsets from the next expected number.
# seq=window and seq=window-5 count from the end of the receiver's window; fill=1 first sends data up to there. ts= is a
# timestamp. holes=N sends N single bytes from the end of the window downwards, with a gap between each two. The last
# step's segment (with holes, the first) has the IP identification 2, all other packets have 1.
use strict;
use warnings;
use Socket qw(:DEFAULT inet_pton AF_INET6 IPPROTO_TCP SO_RCVBUF SO_REUSEADDR);

use constant {AF_PACKET => 17, ETH_P_ALL => 3, SIOCGIFINDEX => 0x8933, SO_ATTACH_FILTER => 26, TUNSETIFF => 0x400454ca};
use constant {AF_NETLINK => 16, NETLINK_NETFILTER => 12, NFQNL_MSG_CONFIG => 0x302, NFQNL_BIND => 1, NFQNL_COPY_META => 1};
use constant {TUNSETTXFILTER => 0x400454d1, IP_MINTTL => 21, TCP_MD5SIG => 14};
use constant {IFF_TAP => 2, IFF_NO_PI => 0x1000, BYTES_AT_ONCE => 1400, DEADLINE_S => 20};

my %FLAG = (F => 1, S => 2, R => 4, P => 8, A => 16);
my %PROTO = (icmp => 1, tcp => 6, udp => 17, icmp6 => 58);
my %set = (
    dev => 'eth0', type => '0x0800', proto => 'udp', src => '10.0.0.133', dst => '10.0.0.67', sport => 40000, dport => 9,
    flags => 'A', data => 8, dmac => '02:00:00:00:01:01', smac => '02:00:00:00:01:02'
);

sub settings { map { split /=/, $_, 2 } @_ }

sub checksum {
    my ($bytes) = @_;
    my $sum = 0;
    $sum += $_ for unpack 'n*', length($bytes) % 2 ? "$bytes\0" : $bytes;
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    return ~$sum & 0xffff;
}

sub address { my ($text) = @_; inet_pton($text =~ /:/ ? AF_INET6 : AF_INET, $text) // die "craft: $text\n" }

# Writes the checksum at $at in $segment. It also covers the pseudo header.
sub summed {
    my ($segment, $at, $pseudo, $f) = @_;
    my $sum = checksum($pseudo . $segment);
    $sum ^= 0x5555 if ($f->{sum} // '') eq 'bad';
    substr($segment, $at, 2) = pack 'n', $sum;
    return $segment;
}

sub transport {
    my ($f, $proto) = @_;
    my $data = 'x' x $f->{data};
    my $length = length $data;
    my $pseudo = sub {
        address($f->{src}) . address($f->{dst}) .
            ($f->{dst} =~ /:/ ? pack('N x3 C', $_[0], $proto) : pack('x C n', $proto, $_[0]));
    };
    return summed(pack('nnnn', $f->{sport}, $f->{dport}, 8 + $length, 0) . $data, 6, $pseudo->(8 + $length), $f)
        if $proto == $PROTO{udp};
    my $icmp = pack('CCnnn', $f->{icmp} // ($proto == $PROTO{icmp} ? 8 : 128), $f->{code} // 0, 0, 1, 1) . $data;
    return summed($icmp, 2, '', $f) if $proto == $PROTO{icmp};
    return summed($icmp, 2, $pseudo->(8 + $length), $f) if $proto == $PROTO{icmp6};
    return $data if $proto != $PROTO{tcp};
    my $options = $f->{ts} ? pack('CCCCNN', 1, 1, 8, 10, $f->{ts}, $f->{ts_echo} // 0) : '';
    $options .= pack('CCCCa16', 1, 1, 19, 18, 'wrong') for 1 .. $f->{md5} // 0;
    my $flags = 0;
    $flags |= $FLAG{$_} for split //, $f->{flags};
    my $segment = pack('nnNNCCnnn', $f->{sport}, $f->{dport}, ($f->{seq} // 1) & 0xffffffff,
        ($f->{ack} // 0) & 0xffffffff, (20 + length $options) << 2, $flags, 60000, 0, 0) . $options . $data;
    return summed($segment, 16, $pseudo->(length $segment), $f);
}

sub frame {
    my ($f) = @_;
    my $type = oct $f->{type};
    my $proto = $PROTO{$f->{proto}} // $f->{proto};
    my $packet = 'x' x $f->{data};
    if ($type == 0x0800) {
        my $payload = transport($f, $proto);
        my $header = pack('CCnnnCCn', 0x45, 0, 20 + length($payload) + ($f->{longer} // 0), $f->{id} // 1, 0, 64, $proto, 0) .
            address($f->{src}) . address($f->{dst});
        my $sum = checksum($header);
        $sum ^= 0x5555 if ($f->{ipsum} // '') eq 'bad';
        substr($header, 10, 2) = pack 'n', $sum;
        $packet = $header . $payload;
    } elsif ($type == 0x86dd) {
        my $payload = transport($f, $proto);
        $packet = pack('NnCC', 6 << 28, length $payload, $proto, $f->{hlim} // 64) .
            address($f->{src}) . address($f->{dst}) . $payload;
    }
    return join('', map { pack 'H12', s/://gr } $f->{dmac}, $f->{smac}) . pack('n', $type) . $packet;
}

my ($wire, $ifindex);
sub wire_open {
    socket($wire, AF_PACKET, SOCK_RAW, unpack 'S', pack 'n', ETH_P_ALL) or die "craft: packet socket: $!\n";
    my $request = pack 'Z16 x24', $set{dev};
    ioctl($wire, SIOCGIFINDEX, $request) or die "craft: $set{dev}: $!\n";
    $ifindex = unpack 'x16 i', $request;
    bind($wire, pack('S n i S C C a8', AF_PACKET, ETH_P_ALL, $ifindex, 0, 0, 0, '')) or die "craft: bind: $!\n";
}

sub wire_send {
    my ($f) = @_;
    my $to = pack 'S n i S C C a8', AF_PACKET, oct $f->{type}, $ifindex, 0, 0, 6, pack 'H12', $f->{dmac} =~ s/://gr;
    send($wire, frame($f), 0, $to) or die "craft: send: $!\n";
}

# Returns the next TCP segment to us for which $wanted is true; undef after $seconds.
sub segment_from_peer {
    my ($wanted, $seconds) = @_;
    my $until = time + $seconds;
    while (time <= $until) {
        my $readable = '';
        vec($readable, fileno $wire, 1) = 1;
        select($readable, undef, undef, 0.1) or ($seconds ? next : return);
        recv($wire, my $bytes, 2000, 0);
        my ($type, $proto, $src, $dst) = unpack 'x12 n x9 C x2 a4 a4', $bytes;
        next if length $bytes < 54 || $type != 0x0800 || $proto != $PROTO{tcp};
        next if $src ne address($set{dst}) || $dst ne address($set{src});
        my %got;
        @got{qw(sport dport seq ack flags window)} = unpack 'x34 n n N N x C n', $bytes;
        return \%got if $got{dport} == $set{sport} && $wanted->(\%got);
    }
    return;
}

# The next sequence numbers of both sides, and the end of the peer's window.
my ($due_seq, $due_ack, $window);

# Returns the end of the peer's window, from its latest acknowledgement.
sub window_end {
    while (my $got = segment_from_peer(sub { $_[0]{flags} & $FLAG{A} }, 0)) {
        $window = $got->{ack} + $got->{window};
    }
    return $window;
}

sub send_data {
    my ($f, $seq, $bytes) = @_;
    wire_send({%$f, seq => $seq, data => $bytes});
}

sub step {
    my ($text, $is_last) = @_;
    my %step = settings(split /,/, $text);
    my $f = {%set, proto => 'tcp', data => 0, %step, ack => $due_ack + ($step{ack} // 0)};
    my $id = $is_last ? 2 : 1;
    my $seq = $step{seq} // 0;
    if ($step{fill}) {
        while ((my $room = window_end() - $due_seq) > 0) {
            my $bytes = $room < BYTES_AT_ONCE ? $room : BYTES_AT_ONCE;
            send_data($f, $due_seq, $bytes);
            $due_seq += $bytes;
            my $got = segment_from_peer(sub { $_[0]{ack} == $due_seq }, 2) or die "craft: not acknowledged\n";
            $window = $got->{ack} + $got->{window};
        }
    }
    if ($step{holes}) {
        my $end = window_end();
        send_data({%$f, id => $_ == 1 ? $id : 1}, $end - 2 * $_, 1) for 1 .. $step{holes};
        return;
    }
    wire_send({%$f, id => $id, seq => $seq =~ /^window(.*)/ ? window_end() + ($1 || 0) : $due_seq + $seq});
    $due_seq += $f->{data} if $seq eq '0' && !$step{again};
}

my ($command, @rest) = @ARGV;
my $kind = $command eq 'hold' ? shift @rest : '';
my @steps;
for my $i (0 .. $#rest) {
    next if $rest[$i] ne '--';
    @steps = @rest[$i + 1 .. $#rest];
    @rest = @rest[0 .. $i - 1];
    last;
}
%set = (%set, settings(@rest));
$| = 1;

if ($command eq 'frame') {
    wire_open();
    wire_send(\%set);
} elsif ($command eq 'dial') {
    wire_open();
    $due_seq = 1000000;
    wire_send({%set, proto => 'tcp', flags => 'S', data => 0, seq => $due_seq++});
    my $got = segment_from_peer(sub { ($_[0]{flags} & 18) == 18 }, DEADLINE_S) or die "craft: no answer\n";
    $due_ack = $got->{seq} + 1;
    $window = $due_seq + $got->{window};
    wire_send({%set, proto => 'tcp', flags => 'A', data => 0, seq => $due_seq, ack => $due_ack});
    step($steps[$_], $_ == $#steps) for 0 .. $#steps;
} elsif ($command eq 'answer') {
    wire_open();
    print "up\n";
    my $got = segment_from_peer(sub { ($_[0]{flags} & 18) == 2 }, DEADLINE_S) or die "craft: nobody asks\n";
    @set{qw(dport)} = $got->{sport};
    ($due_seq, $due_ack) = (1000000, $got->{seq} + 1);
    step($steps[$_], $_ == $#steps) for 0 .. $#steps;
} elsif ($command eq 'hold') {
    my ($socket, $other);
    if ($kind eq 'tap') { # attached to a device that is up or down
        open $socket, '+<', '/dev/net/tun' or die "craft: /dev/net/tun: $!\n";
        ioctl($socket, TUNSETIFF, pack 'Z16 S x22', $set{dev}, IFF_TAP | IFF_NO_PI) or die "craft: $set{dev}: $!\n";
        if ($set{takes}) { # takes only frames to this address
            my $filter = pack 'S S H12', 0, 1, $set{takes} =~ s/://gr;
            ioctl($socket, TUNSETTXFILTER, $filter) or die "craft: filter: $!\n";
        }
        print "up\n";
        syswrite $socket, frame(\%set) if $set{write};
    } elsif ($kind eq 'unix') { # closed with data in its queue, or the data is discarded before
        socketpair($socket, $other, AF_UNIX, $set{urgent} ? SOCK_STREAM : SOCK_DGRAM, 0) or die "craft: socketpair: $!\n";
        send $other, 'x' x $set{data}, $set{urgent} ? MSG_OOB : 0;
        connect $socket, pack 'S', AF_UNSPEC if $set{disconnect};
        syswrite($other, 'y') && sysread $socket, my $read, 1 if $set{urgent};
        close $socket;
        print "up\n";
    } elsif ($kind eq 'nfqueue') { # takes the queue's packets, and gives no verdict
        my $attributes = pack('SSCCn', 8, 1, NFQNL_BIND, 0, PF_INET) . pack('SSNCx3', 9, 2, 0, NFQNL_COPY_META);
        my $request = pack('CCn', PF_INET, 0, $set{queue}) . $attributes;
        socket($socket, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER) or die "craft: netlink: $!\n";
        send($socket, pack('LSSLL', 16 + length $request, NFQNL_MSG_CONFIG, 5, 1, 0) . $request, 0,
            pack('SSLL', AF_NETLINK, 0, 0, 0)) or die "craft: nfqueue: $!\n";
        recv $socket, my $reply, 4096, 0;
        unpack('x16 l', $reply) == 0 or die "craft: nfqueue is refused\n";
        print "up\n";
    } elsif ($kind eq 'icmp6') {
        socket($socket, AF_INET6, SOCK_RAW, $PROTO{icmp6}) or die "craft: socket: $!\n";
        print "up\n";
    } else {
        socket($socket, AF_INET, $kind eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM, 0) or die "craft: socket: $!\n";
        setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
        setsockopt($socket, SOL_SOCKET, SO_RCVBUF, pack 'i', $set{rcvbuf}) if $set{rcvbuf};
        setsockopt($socket, 0, IP_MINTTL, pack 'i', $set{minttl}) if $set{minttl};
        if ($set{password}) { # TCP-MD5 password for this peer
            my $key = pack 'a128 C C S i a80', pack_sockaddr_in(0, address($set{password})), 0, 0, 6, 0, 'secret';
            setsockopt($socket, IPPROTO_TCP, TCP_MD5SIG, $key) or die "craft: password: $!\n";
        }
        if ($set{filter}) { # classic BPF, one instruction: return 0
            my $program = pack 'S C C L', 6, 0, 0, 0;
            setsockopt($socket, SOL_SOCKET, SO_ATTACH_FILTER, pack 'S x6 P', 1, $program) or die "craft: filter: $!\n";
        }
        bind($socket, sockaddr_in($set{dport}, INADDR_ANY)) or die "craft: bind: $!\n";
        if ($set{also}) { # a second socket on this port
            socket($other, AF_INET, SOCK_DGRAM, 0) && bind($other, sockaddr_in($set{also}, INADDR_ANY))
                or die "craft: second socket: $!\n";
        }
        listen($socket, 5) if $kind eq 'tcp';
        print "up\n";
        if ($set{close}) { # closes the first connection at once
            accept($other, $socket);
            close $other;
        }
    }
    1 while sysread STDIN, my $ignored, 1;
} else {
    die "craft: no command $command\n";
}
