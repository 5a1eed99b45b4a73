package io.millrace.bench.serve;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import io.millrace.bench.control.ControlException;
import io.millrace.bench.control.ControlRequest;
import io.millrace.bench.control.ControlService;
import io.millrace.bench.control.ControlSocket;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Answers requests about a server: those about its shards here, all others by its shards' stacks. Requests that change
 * something are served one after the other, so that all shards see changes in the same order and one that is added
 * misses none.
 */
final class ShardRequests implements ControlSocket.Service {
    private final ServerShards shards;
    private final ControlService stacks;
    private final Gson gson = new Gson();
    private final ReentrantLock changes = new ReentrantLock();

    ShardRequests(ServerShards shards) {
        this.shards = shards;
        this.stacks = new ControlService(shards::controls);
    }

    @Override
    public JsonElement serve(ControlRequest request) {
        if (request.action().equals("show") || request.action().equals("get")) {
            return answer(request);
        }
        changes.lock();
        try {
            return answer(request);
        } finally {
            changes.unlock();
        }
    }

    private JsonElement answer(ControlRequest request) {
        if (!request.object().equals("shards")) {
            return stacks.serve(request);
        }
        switch (request.action()) {
            case "show" -> {}
            case "add" -> {
                final String place = request.optional("place");
                shards.add(place == null ? -1 : number(place));
            }
            case "remove" -> shards.remove(number(request.required("place")));
            default -> throw new ControlException("this server does not know shards " + request.action());
        }
        return gson.toJsonTree(shards.rows());
    }

    private static int number(String text) {
        try {
            return Integer.parseUnsignedInt(text);
        } catch (NumberFormatException e) {
            throw new ControlException("'" + text + "' is no shard; shards lists their numbers");
        }
    }
}
