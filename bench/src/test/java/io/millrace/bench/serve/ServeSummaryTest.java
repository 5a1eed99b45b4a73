package io.millrace.bench.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.millrace.dataplane.pipeline.node.MacSwap;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortStats;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ServeSummaryTest {
    private final ServeSummary summary = new ServeSummary(
            1.5,
            2,
            List.of(
                    port("a", new PortStats(1, 100, 2, 200, 0, 0, 0)),
                    port("b", new PortStats(3, 300, 4, 400, 5, 6, 7))),
            new TreeMap<>(Map.of("rxPackets", 4L)),
            new TreeMap<>(Map.of("rxBadChecksum", 8L, "rxMissed", 5L)),
            List.of(new LostAddress("a", "192.0.2.1", "02:00:00:00:00:09")),
            new ServeSummary.Buffers(1_000, 2_048, 3));

    @Test
    void shouldAddUpPortsAndDropsWhenWrittenAsJson() {
        final String json = summary.json();
        assertTrue(json.startsWith("{\n  \"durationMillis\": 1500,\n  \"shards\": 2,\n  \"rxPackets\": 4,"), json);
        assertTrue(json.contains("\"txBytes\": 600,"), json);
        assertTrue(json.contains("\"dropped\": 13,"), json);
        assertTrue(json.contains("\"buffersOutstanding\": 3,"), json);
        assertTrue(json.contains("\"buffersKeptByDriver\": 2048,"), json);
        assertTrue(json.contains("\"rxBadChecksum\": 8"), json);
        final JsonObject lost = JsonParser.parseString(json)
                .getAsJsonObject()
                .getAsJsonArray("lostAddresses")
                .get(0)
                .getAsJsonObject();
        assertEquals(
                "{port=a, address=192.0.2.1, mac=02:00:00:00:00:09}",
                lost.asMap().toString().replace("\"", ""));
    }

    @Test
    void shouldBeReadByAParserWhenNamesHoldWhatJsonReserves() {
        final ServeSummary odd = new ServeSummary(
                1,
                1,
                List.of(port("net_ring\"\\\n<ä", new PortStats(1, 2, 3, 4, 5, 6, 7))),
                Map.of("a", Long.MAX_VALUE),
                Map.of(),
                List.of(),
                new ServeSummary.Buffers(10, 0, 0));
        final JsonObject json = JsonParser.parseString(odd.json()).getAsJsonObject();
        final JsonObject only = json.getAsJsonArray("ports").get(0).getAsJsonObject();
        assertEquals("net_ring\"\\\n<ä", only.get("name").getAsString());
        assertEquals(7, only.get("txErrors").getAsLong());
        assertEquals(Long.MAX_VALUE, json.getAsJsonObject("counters").get("a").getAsLong());
        assertEquals(0, json.getAsJsonObject("drops").size());
        assertTrue(odd.json().contains("<ä"), odd::json);
    }

    @Test
    void shouldTellOfEveryNodeWhenItIsAnAppliance() {
        final ServeSummary appliance =
                summary.withNodes(List.of(new MacSwap("swap").stats(), new MacSwap("other").stats()));
        final JsonObject json = JsonParser.parseString(appliance.json()).getAsJsonObject();
        assertEquals(
                "swap",
                json.getAsJsonArray("nodes")
                        .get(0)
                        .getAsJsonObject()
                        .get("name")
                        .getAsString());
        assertEquals(0, json.getAsJsonObject("counters").get("other.tooShort").getAsLong());
        assertEquals(13, json.get("dropped").getAsLong());
        final StringWriter text = new StringWriter();
        appliance.print(new PrintWriter(text));
        assertTrue(text.toString().contains("  swap "), text::toString);
    }

    @Test
    void shouldNameEveryDropWhenPrinted() {
        final StringWriter text = new StringWriter();
        summary.print(new PrintWriter(text));
        final String printed = text.toString().replaceAll(" +", " ");
        assertTrue(printed.contains(" dropped 13 packets\n 8 rxBadChecksum\n 5 rxMissed\n"), printed);
        assertTrue(printed.contains("1,000 in the pool, 3 outstanding, 2,048 taken back from the driver"), printed);
    }

    @Test
    void shouldScaleRatesWhenTheyAreLarge() {
        assertEquals("   0.0 p/s", LiveCounters.scaled(0, "p/s"));
        assertEquals(" 999.9 p/s", LiveCounters.scaled(999.9, "p/s"));
        assertEquals("   1.0 kp/s", LiveCounters.scaled(999.96, "p/s"));
        assertEquals("  12.5 Gbit/s", LiveCounters.scaled(12.5e9, "bit/s"));
        assertEquals("5000.0 Gbit/s", LiveCounters.scaled(5e12, "bit/s"));
    }

    private static ServeSummary.PortSummary port(String name, PortStats stats) {
        return new ServeSummary.PortSummary(new PortInfo(name, "test", Medium.ETHERNET, 1, 1500, 1), stats, Map.of());
    }
}
