package io.millrace.bench.control;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.millrace.bench.command.UserErrorException;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks a running server. */
public final class ControlClient {
    private static final Gson GSON = new Gson();

    private ControlClient() {}

    /**
     * Asks a server and waits for its reply.
     *
     * @param instance which one; null if there is only one
     * @param row what each row of the reply is
     * @throws UserErrorException if there is no such server, or it cannot do what was asked
     */
    public static <T> List<T> ask(@Nullable String instance, ControlRequest request, Class<T> row) {
        final RuntimeFolder folder = RuntimeFolder.ofUser();
        return ask(folder, instance == null ? only(folder) : instance, request, row);
    }

    static <T> List<T> ask(RuntimeFolder folder, String instance, ControlRequest request, Class<T> row) {
        final JsonObject reply = talk(folder, instance, request);
        final JsonElement error = reply.get("error");
        if (error != null) {
            throw new UserErrorException(error.getAsString());
        }
        final List<T> rows = new ArrayList<>();
        final JsonArray array = reply.getAsJsonArray("rows");
        array.forEach(element -> rows.add(GSON.fromJson(element, row)));
        return rows;
    }

    /** A request without arguments. */
    public static ControlRequest request(String object, String action) {
        return new ControlRequest(object, action, Map.of());
    }

    private static JsonObject talk(RuntimeFolder folder, String instance, ControlRequest request) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.socket(instance)));
                BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            send(channel, GSON.toJson(request) + '\n');
            final String line = in.readLine();
            if (line == null) {
                throw new UserErrorException("server " + instance + " ended before it answered");
            }
            return JsonParser.parseString(line).getAsJsonObject();
        } catch (IOException e) {
            final List<String> running = folder.running();
            throw new UserErrorException(
                    "no server named " + instance + " answers; "
                            + (running.isEmpty()
                                    ? "start one with millrace serve or millrace forward"
                                    : "running: " + String.join(", ", running)),
                    e);
        }
    }

    private static void send(SocketChannel channel, String text) {
        final ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            // A server that has clients enough does not wait for the request; what it said of that is there to be read.
        }
    }

    private static String only(RuntimeFolder folder) {
        final List<String> running = folder.running();
        if (running.isEmpty()) {
            throw new UserErrorException(
                    "no millrace serve or forward of yours is running; start one, or run this as its user");
        }
        if (running.size() > 1) {
            throw new UserErrorException(
                    "several servers are running; choose one with --instance: " + String.join(", ", running));
        }
        return running.getFirst();
    }
}
