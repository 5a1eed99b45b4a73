package io.millrace.bench.serve;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import io.millrace.bench.control.ControlException;
import io.millrace.bench.control.ControlRequest;
import io.millrace.bench.control.ControlService;
import io.millrace.bench.control.ControlSocket;

/** Answers requests about a server: those about its shards here, all others by its shards' stacks. */
final class ShardRequests implements ControlSocket.Service {
    private final ServerShards shards;
    private final ControlService stacks;
    private final Gson gson = new Gson();

    ShardRequests(ServerShards shards) {
        this.shards = shards;
        this.stacks = new ControlService(shards::controls);
    }

    @Override
    public JsonElement serve(ControlRequest request) {
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
