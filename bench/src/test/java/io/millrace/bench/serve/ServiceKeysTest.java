package io.millrace.bench.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.plan.ServiceKey;
import io.millrace.config.KeyAlgorithm;
import io.millrace.config.KeyConfig;
import io.millrace.config.ServiceKind;
import io.millrace.config.ServiceSpec;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Services whose peers sign their segments. */
final class ServiceKeysTest {
    private static final byte[] SECRET = "right".getBytes(StandardCharsets.US_ASCII);
    private static final AoKey AO = new AoKey(Cidr.parse("10.0.0.0/24"), AoAlgorithm.HMAC_SHA_1_96, SECRET, 1, 2);
    private static final AoKey THEIRS = new AoKey(Cidr.parse("10.0.0.2/32"), AoAlgorithm.HMAC_SHA_1_96, SECRET, 2, 1);
    private static final Md5Key MD5 = new Md5Key(Cidr.parse("fd00::/64"), SECRET);

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache near = pools.cache(256);
    private final PoolCache far = pools.cache(256);
    private final SimulatedWire wire = SimulatedWire.ethernet(near.pool(), far.pool(), WireConditions.PERFECT, 1);
    private final ServerShard shard = new ServerShard(StackConfig.defaults(), near);
    private final Stack client = Stack.create(StackConfig.defaults(), far);
    private long now;

    private static ServiceKey key(final AoKey key, final List<Integer> ports) {
        return new ServiceKey(config(KeyAlgorithm.HMAC_SHA_1_96, key.peer(), ports), key.peer(), null, key);
    }

    private static ServiceKey key(final Md5Key key) {
        return new ServiceKey(config(KeyAlgorithm.MD5, key.peer(), List.of()), key.peer(), key, null);
    }

    private static KeyConfig config(
            final KeyAlgorithm algorithm, final Cidr<? extends IpAddress> peers, final List<Integer> ports) {
        final Place place = Place.flag("--test");
        return new KeyConfig(
                new Located<>(peers.toString(), place),
                algorithm,
                new Located<>(Path.of("secret"), place),
                0,
                0,
                algorithm.isAo(),
                ports);
    }

    @BeforeEach
    void open() throws IOException {
        final InterfaceConfig server = InterfaceConfig.of("10.0.0.2/24", "fd00::2/64");
        shard.stack()
                .addInterface(
                        server.withDuplicateDetection(DuplicateDetection.OFF),
                        wire.a().info(),
                        wire.a().queue(0, near));
        shard.open(
                List.of(new ServiceSpec(ServiceKind.ECHO, 7), new ServiceSpec(ServiceKind.DISCARD, 9)),
                List.of(),
                null,
                List.of(key(AO, List.of(7)), key(MD5)));
        client.addInterface(
                InterfaceConfig.of("10.0.0.1/24", "fd00::1/64").withDuplicateDetection(DuplicateDetection.OFF),
                wire.b().info(),
                wire.b().queue(0, far));
    }

    @AfterEach
    void close() {
        shard.close();
        client.close();
        wire.close();
    }

    private TcpSocket<IpAddress> connect(final String address, final int port) {
        return client.connect(new Endpoint<>(IpAddress.parse(address), port), new TcpHandler() {});
    }

    private TcpState after(final TcpSocket<IpAddress> socket) {
        for (final long end = now + 500_000; now < end; now += 1_000) {
            shard.poll(now);
            client.poll(now);
        }
        return socket.state();
    }

    private long count(final StackCounter counter) {
        return shard.stack().counters().get(counter);
    }

    @Test
    void shouldHearWhoSignsAndNobodyElse() {
        final TcpSocket<IpAddress> signed = connect("10.0.0.2", 7);
        signed.options().keys().set(THEIRS);
        assertEquals(TcpState.ESTABLISHED, after(signed));
        assertEquals(TcpState.SYN_SENT, after(connect("10.0.0.2", 7)));
        assertTrue(count(StackCounter.TCP_AO_REQUIRED) > 0);
    }

    @Test
    void shouldAskForNoSignatureAtOtherServices() {
        assertEquals(TcpState.ESTABLISHED, after(connect("10.0.0.2", 9)));
        assertEquals(0, count(StackCounter.TCP_AO_REQUIRED));
    }

    @Test
    void shouldUseAKeyOfNoPortAtAllServices() {
        for (final int port : new int[] {7, 9}) {
            final TcpSocket<IpAddress> signed = connect("fd00::2", port);
            signed.options().keys().set(new Md5Key(Cidr.parse("::/0"), SECRET));
            assertEquals(TcpState.ESTABLISHED, after(signed));
            assertEquals(TcpState.SYN_SENT, after(connect("fd00::2", port)));
        }
        assertTrue(count(StackCounter.TCP_MD5_NOT_FOUND) > 0);
    }
}
