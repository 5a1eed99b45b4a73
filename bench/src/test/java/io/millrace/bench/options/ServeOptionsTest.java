package io.millrace.bench.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.plan.PortAddresses;
import io.millrace.bench.plan.ServePlan;
import io.millrace.config.CaptureConfig;
import io.millrace.config.CaptureKind;
import io.millrace.config.ChecksumSetting;
import io.millrace.config.Hugepages;
import io.millrace.config.IdleMode;
import io.millrace.config.PortConfig;
import io.millrace.config.SegmentationSetting;
import io.millrace.config.ServeConfig;
import io.millrace.config.VlanTags;
import io.millrace.config.device.PortSpec;
import io.millrace.config.host.Host;
import io.millrace.config.problem.ConfigException;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class ServeOptionsTest {
    @TempDir
    private Path root;

    @Command(name = "serve")
    private static final class Serve {
        @Mixin
        private final ServeOptions options = new ServeOptions();
    }

    @BeforeEach
    void machineWithOneInterface() throws IOException {
        write("proc/thread-self/net/dev", """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets
                lo:       0       0    0    0    0     0          0         0        0       0
               mr0:     100       1    0    0    0     0          0         0        0       0
            """);
        write("dev/net/tun", "");
    }

    private Path write(String path, String text) throws IOException {
        final Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private ServePlan plan(String... args) {
        final Serve serve = new Serve();
        new CommandLine(serve).parseArgs(args);
        return serve.options.plan(new Host(root));
    }

    private String problems(String... args) {
        return String.join(
                "\n", assertThrows(ConfigException.class, () -> plan(args)).lines());
    }

    @Test
    void shouldLeaveRoomForShardsThatComeLater() {
        final String[] least = {"--port=net_af_packet0,iface=mr0", "--address=192.0.2.1/24"};
        assertEquals(1, plan(least).config().places());
        final ServeConfig config = plan(least[0], least[1], "--shards=2", "--max-shards=3", "--cpus=0,1,2")
                .config();
        assertEquals(2, config.shards());
        assertEquals(3, config.places());
        final String few = problems(least[0], least[1], "--shards=3", "--max-shards=2");
        assertTrue(few.contains("--max-shards: no more than 2 shards may run, and 3 are to start"), few);
        final String cpus = problems(least[0], least[1], "--shards=2", "--max-shards=3", "--cpus=0,1");
        assertTrue(cpus.contains("2 CPUs for 3 shards"), cpus);
    }

    private static final String[] PORT = {"--port=net_af_packet0,iface=mr0", "--address=192.0.2.1/24"};

    @Test
    void shouldTuneTcpByFileAndFlagsOfWhichFlagsWin() throws IOException {
        final Path file = write("tcp.yaml", """
            tcp-settings:
              congestion: reno
              send-buffer-limit: 8M
              min-rto: 20ms
            """);
        final TcpConfig tcp = plan(
                        PORT[0],
                        PORT[1],
                        "--config=" + file,
                        "--tcp-settings=congestion=bbr, ecn=request,sack=no,keepalive-idle=2h")
                .stack()
                .tcp();
        assertEquals(CongestionAlgorithm.BBR, tcp.features().congestionControl());
        assertEquals(EcnMode.REQUEST, tcp.features().ecn());
        assertFalse(tcp.features().sack());
        assertTrue(tcp.features().timestamps());
        assertEquals(8 << 20, tcp.buffers().sendBufferLimit());
        assertEquals(20_000, tcp.timeouts().minRto());
        assertEquals(7_200_000_000L, tcp.timeouts().keepAliveIdle());
        assertEquals(TcpConfig.defaults(), plan(PORT).stack().tcp());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '`',
            value = {
                "congestion=vegas#'vegas' is no value of congestion; known: cubic, reno, bbr, dctcp, hybla, none",
                "min_rto=1s#no setting 'min_rto' of TCP; did you mean min-rto?",
                "zzzzzzzzzzzz=1#no setting 'zzzzzzzzzzzz' of TCP; 'millrace tcp-settings' lists them",
                "ecn#ecn has no value; write ecn=off|accept|request|accept-accurate|request-accept-accurate|request-accurate",
                "sack=no,sack=yes#sack is there twice; keep one of them",
                "min-rto=2s#min-rto is 2s, above initial-rto, which is 1s; lower the one or raise the other",
                "last-port=1000#first-port is 49152, above last-port, which is 1000; lower the one or raise the other"
            })
    void shouldSayWhatIsWrongWithASettingOfTcp(String settings, String said) {
        assertEquals("--tcp-settings: " + said, problems(PORT[0], PORT[1], "--tcp-settings=" + settings));
    }

    @Test
    void shouldTakeEverythingFromFlagsWhenThereIsNoFile() {
        final ServePlan plan = plan(
                "--port=net_af_packet0,iface=mr0",
                "--address=192.0.2.1/24, 2001:db8::1/64",
                "--gateway=192.0.2.254,fe80::1",
                "--mac=02-00-00-00-00-01",
                "--mtu=1400",
                "--tcp=echo:7,http:80",
                "--udp=echo:7",
                "--http-root=" + root,
                "--shards=2",
                "--cpus=0,1",
                "--idle=spin",
                "--pool-size=2048",
                "--vlan=5",
                "--checksums=device",
                "--segmentation=device",
                "--pcap=" + root.resolve("a.pcap"),
                "--pcap-format=pcapng",
                "--pcap-size=1M",
                "--pcap-files=4",
                "--stats-json=" + root.resolve("a.json"));
        final ServeConfig config = plan.config();
        assertEquals("net_af_packet0,iface=mr0", config.devices().getFirst().text());
        assertEquals(
                "[echo:7, http:80]",
                config.tcp().stream().map(s -> s.value().toString()).toList().toString());
        assertEquals(2, config.shards());
        assertEquals(List.of(0, 1), config.cpus());
        assertEquals(IdleMode.SPIN, config.idle());
        assertEquals(2048, config.poolSize());
        final CaptureConfig capture = Objects.requireNonNull(config.capture());
        assertEquals(CaptureKind.PCAPNG, capture.kind());
        assertEquals(1 << 20, capture.size());
        assertEquals(4, capture.files());
        final PortConfig port = config.ports().getFirst();
        assertEquals(new VlanTags(5, 0), Objects.requireNonNull(port.vlan()).value());
        assertEquals(ChecksumSetting.DEVICE, port.checksums());
        assertEquals(SegmentationSetting.DEVICE, port.segmentation());
        assertEquals(
                List.of(new PortAddresses(
                        List.of(Cidr.parse("192.0.2.1/24"), Cidr.parse("2001:db8::1/64")),
                        Ipv4Address.parse("192.0.2.254"),
                        Ipv6Address.parse("fe80::1"),
                        List.of())),
                plan.addresses());
    }

    @ParameterizedTest
    @CsvSource({
        "'net_af_packet0,iface=mr0',0000000000001000,net_af_packet needs CAP_NET_RAW",
        "'net_af_xdp0,iface=mr0',0000000000002000,net_af_xdp needs CAP_NET_ADMIN",
        "net_tap0,0000000000002000,net_tap needs CAP_NET_ADMIN"
    })
    void shouldSayWhatTheUserMayNotDoBeforeTheDriverFails(String device, String rights, String said)
            throws IOException {
        write("proc/self/status", "CapEff:\t" + rights + "\n");
        final String address = "--address=192.0.2.1/24";
        assertEquals("--port: " + said + ", which you lack; run with sudo", problems("--port=" + device, address));
        write("proc/self/status", "CapEff:\t0000000000003000\n");
        assertEquals(1, plan("--port=" + device, address).config().ports().size());
    }

    @Test
    void shouldSayInOneLineWhatFramesAndCapturesCannotBe() {
        final String address = "--address=192.0.2.1/24";
        assertEquals(
                "--vlan: '5.5000' is no VLAN; write an id from 1 to 4094, two with a dot between for QinQ"
                        + " (service.customer), or any",
                problems("--port=tap:a", address, "--vlan=5.5000"));
        assertEquals(
                "--checksums: an interface without DPDK leaves all checksums to the stack; write software, or use a"
                        + " device of DPDK",
                problems("--port=tap:a", address, "--checksums=device"));
        assertEquals(
                "--pcap-size: there is no capture to write so; name its file with pcap, or leave this out",
                problems("--port=tap:a", address, "--pcap-size=1M"));
    }

    @Test
    void shouldBindFlagsToThePortBeforeThemWhenThereAreSeveral() {
        final ServePlan plan = plan(
                "--mtu=1400",
                "--port=tap:a",
                "--address=192.0.2.1/24",
                "--address=2001:db8::1/64",
                "--gateway=192.0.2.254",
                "--port",
                "tap:b",
                "--address",
                "198.51.100.1/24",
                "--route=10.0.0.0/8=198.51.100.7 mtu 1400 initcwnd 20,172.16.0.0/12",
                "--mac=02:00:00:00:00:09",
                "--forward",
                "--flow-labels=no",
                "--tcp=echo:7");
        assertTrue(plan.config().forward());
        assertFalse(plan.config().flowLabels());
        final List<PortConfig> ports = plan.config().ports();
        assertEquals(
                List.of(new PortSpec.Tap("a"), new PortSpec.Tap("b")),
                plan.config().devices());
        assertEquals(1400, Objects.requireNonNull(ports.getFirst().mtu()).value());
        assertNull(ports.getFirst().mac());
        assertNull(ports.getLast().mtu());
        assertEquals(
                0x0200_0000_0009L, Objects.requireNonNull(ports.getLast().mac()).value());
        assertEquals(
                List.of(
                        new PortAddresses(
                                List.of(Cidr.parse("192.0.2.1/24"), Cidr.parse("2001:db8::1/64")),
                                Ipv4Address.parse("192.0.2.254"),
                                null,
                                List.of()),
                        new PortAddresses(
                                List.of(Cidr.parse("198.51.100.1/24")),
                                null,
                                null,
                                List.of(
                                        new PortAddresses.Route(
                                                Cidr.parse("10.0.0.0/8"),
                                                Ipv4Address.parse("198.51.100.7"),
                                                RouteMetrics.parse("mtu 1400 initcwnd 20")),
                                        new PortAddresses.Route(
                                                Cidr.parse("172.16.0.0/12"), null, RouteMetrics.NONE)))),
                plan.addresses());
    }

    @Test
    void shouldAskForTheValueWhenAPortFlagIsTheLastWord() {
        final var failure =
                assertThrows(CommandLine.MissingParameterException.class, () -> plan("--port=tap:a", "--address"));
        assertTrue(String.valueOf(failure.getMessage()).contains("'--address'"), failure::getMessage);
    }

    @Test
    void shouldNeedNoFolderWhenHttpIsServed() {
        final ServeConfig config =
                plan("--port=tap:a", "--address=192.0.2.1/24", "--tcp=http:80").config();
        assertNull(config.httpRoot());
    }

    @Test
    void shouldOverrideFileWithFlagsAndProfileWithFileWhenAllAreGiven() throws IOException {
        final Path file = write("my.yaml", """
            profile: vfio
            ports:
              - device: tap:mr7
                addresses: 198.51.100.1/24
                mtu: 1400
            pool-size: 4096
            """);
        final ServePlan plan = plan("--config=" + file, "--address=203.0.113.1/24", "--idle=yield");
        final ServeConfig config = plan.config();
        assertEquals(new PortSpec.Tap("mr7"), config.devices().getFirst());
        assertEquals(
                Cidr.parse("203.0.113.1/24"), plan.addresses().getFirst().own().getFirst());
        assertEquals(IdleMode.YIELD, config.idle());
        assertEquals(4096, config.poolSize());
        assertEquals(Hugepages.YES, config.eal().hugepages());
        assertEquals(3, config.tcp().size());
    }

    @Test
    void shouldPreferTheProfileOfTheFlagsWhenTheFileNamesAnother() throws IOException {
        final Path file = write("my.yaml", "profile: vfio\nports: [{device: 'tap:mr7'}]\n");
        assertEquals(
                Hugepages.AUTO,
                plan("--config=" + file, "--profile=tap").config().eal().hugepages());
    }

    @Test
    void shouldListEveryProblemWhenFileAndFlagsAreWrong() throws IOException {
        final Path file = write("my.yaml", "ports:\n  - {device: 'tap:mr7', mtu: 9}\nshard: 2\n");
        assertEquals(
                """
                --address: "192.0.2.1" is not a CIDR: expected '/' and a prefix length at character 10; \
                write for instance 192.0.2.1/24 or 2001:db8::1/64
                FILE:2: ports[0].mtu: '9' is no MTU; write a whole number from 68 to 9216
                FILE:3: shard: unknown key; did you mean shards?
                --idle: 'lazy' is not possible here; write backoff or yield or spin\
                """.lines().sorted().toList(),
                problems("--config=" + file, "--address=192.0.2.1", "--idle=lazy")
                        .replace(file.toString(), "FILE")
                        .lines()
                        .sorted()
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--port=tap:a                                    | --port: no address",
                "--address=192.0.2.1/24                          | --address: no device",
                "--port=net_af_packet0,iface=mr1 --address=192.0.2.1/24 | there is no network interface 'mr1'; did you"
                        + " mean mr0?",
                "--port=01:00.0 --address=192.0.2.1/24           | there is no PCI device 0000:01:00.0",
                "--port=tap:a --address=192.0.2.0/24             | 192.0.2.0 is the network itself; choose a host of"
                        + " 192.0.2.0/24",
                "--port=tap:a --address=192.0.2.255/24           | 192.0.2.255 is the network's broadcast",
                "--port=tap:a --address=127.0.0.1/8              | cannot be the address of an interface",
                "--port=tap:a --address=ff02::1/64               | cannot be the address of an interface",
                "--port=tap:a --address=0.0.0.0/0                | cannot be the address of an interface",
                "--port=tap:a --address=192.0.2.1/24,192.0.2.1/16 | 192.0.2.1 is given already",
                "--port=tap:a --address=2001:db8::1/64 --mtu=1279 | IPv6 needs an MTU of 1280 or more",
                "--port=tap:a --address=192.0.2.1/24 --gateway=192.0.3.1 | is in no network of this port; choose one"
                        + " within [192.0.2.0/24]",
                "--port=tap:a --address=192.0.2.1/24 --gateway=192.0.2.1 | is our own address",
                "--port=tap:a --address=192.0.2.1/24 --gateway=192.0.2.3,192.0.2.4 | is the second of its family after"
                        + " 192.0.2.3",
                "--port=tap:a --address=192.0.2.1/24 --gateway=192.0.2.3/24 | write the gateway's address without a"
                        + " prefix length",
                "--port=tap:a --address=192.0.2.1/24 --route=10.0.0.1/8=192.0.2.3 | 10.0.0.1/8 has bits behind its"
                        + " prefix; write 10.0.0.0/8",
                "--port=tap:a --address=192.0.2.1/24 --route=10.0.0.0/8=192.0.3.3 | --route: gateway 192.0.3.3 is in"
                        + " no network of this port",
                "--port=tap:a --address=192.0.2.1/24 --route=10.0.0.0=192.0.2.3 | write for instance"
                        + " 10.0.0.0/8=192.0.2.7",
                "--port=tap:a --address=192.0.2.1/24 --route=2001:db8::/32=192.0.2.3 | is of another family than"
                        + " 2001:db8::/32",
                "--port=tap:a --address=2001:db8::1/64 --route=2001:db8:1::/48=fe80::1&mtu&1200 | mtu 1200 of"
                        + " 2001:db8:1::/48; for IPv6 it is 1280 or more",
                "--port=tap:a --address=192.0.2.1/24 --route=10.0.0.0/8&mtuu&1200 | no metric 'mtuu' of routes",
                "--port=tap:a --address=192.0.2.1/24 --route=224.0.0.0/4 | is a range of groups",
                "--port=tap:a --address=192.0.2.1/24 --port=tap:a --address=192.0.2.2/24 | interface a is in use by"
                        + " another --port",
                "--port=tap:a --address=192.0.2.1/24 --port=tap:b | --port tap:b: no address",
                "--port=tap:a --mtu=1400 --address=192.0.2.1/24 --mtu=1300 | --mtu: '1300' is the second for one port;"
                        + " keep one",
                "--port=tap:a --address=192.0.2.1/24 --port=tap:b --address=192.0.2.1/24 | 192.0.2.1 is given already",
                "--port=tap:a --address=192.0.2.1/24 --port=tun:b --address=192.0.3.1/24 --pcap=x | --pcap: a capture"
                        + " cannot hold",
                "--profile=tup                                   | --profile: there is no profile 'tup'; did you mean"
                        + " tap?",
                "--config=missing.yaml                           | missing.yaml: there is no such file",
                "--port=tap:a --address=,                        | --address: \"\" is not a CIDR",
            })
    void shouldSayWhatIsWrongWhenAddressesOrDevicesAre(String args, String expected) {
        final String problems = problems(Arrays.stream(args.split(" +"))
                .map(word -> word.replace('&', ' ')) // within a word
                .toArray(String[]::new));
        assertTrue(problems.contains(expected), problems);
    }

    @Test
    void shouldPointAtTheFileWhenFlagsCouldMeanAnyOfItsPorts() throws IOException {
        final Path file = write(
                "my.yaml",
                "ports: [{device: 'tap:a', addresses: 192.0.2.1/24}, {device: 'tap:b', addresses: 192.0.2.2/24}]\n");
        assertEquals(2, plan("--config=" + file).addresses().size());
        final String problems = problems("--config=" + file, "--mtu=1400");
        assertTrue(problems.contains("--mtu: the file describes 2 ports"), problems);
    }
}
