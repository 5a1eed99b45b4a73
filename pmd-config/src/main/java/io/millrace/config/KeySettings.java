package io.millrace.config;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a file says of one key; setters take the text as it was written. */
public final class KeySettings {
    private static final int MAX_ID = 255;
    private static final int DEFAULT_ID = 1;

    private final Place place;
    private final Path base;
    private final Problems problems;
    private final List<Located<Integer>> ports = new ArrayList<>();
    private @Nullable Located<String> peers;
    private @Nullable Located<Path> secret;
    private @Nullable Located<String> ids;
    private @Nullable Located<Boolean> options;
    private KeyAlgorithm algorithm = KeyAlgorithm.HMAC_SHA_1_96;
    private int sendId = DEFAULT_ID;
    private int receiveId = DEFAULT_ID;
    private boolean failed;

    /**
     * A key that nothing is said of yet.
     *
     * @param place of the key as a whole
     * @param base folder that relative paths start from
     * @param problems gets what is wrong with it
     */
    public KeySettings(Place place, Path base, Problems problems) {
        this.place = place;
        this.base = base;
        this.problems = problems;
    }

    /** Sets who signs with it. */
    public void peers(Located<String> text) {
        peers = text;
    }

    /** Sets what signs. */
    public void algorithm(Located<String> text) {
        final Located<KeyAlgorithm> chosen = Values.choice(text, KeyAlgorithm.values(), KeyAlgorithm::text, problems);
        failed |= chosen == null;
        algorithm = chosen == null ? algorithm : chosen.value();
    }

    /** Sets the file that holds the secret. */
    public void secret(Located<String> text) {
        secret = Values.path(text, base, problems);
        failed |= secret == null;
    }

    /** Sets the KeyIDs: {@code SEND:RECEIVE}, or one for both. */
    public void ids(Located<String> text) {
        ids = text;
        final String[] words = text.value().split(":", -1);
        final Integer send = id(words[0]);
        final Integer receive = id(words[words.length - 1]);
        if (words.length > 2 || send == null || receive == null) {
            problems.add(
                    text.place(),
                    "'" + text.value() + "' are no key IDs",
                    "write SEND:RECEIVE, each 0 to " + MAX_ID + "; the peer has them the other way round");
            failed = true;
            return;
        }
        sendId = send;
        receiveId = receive;
    }

    private static @Nullable Integer id(String word) {
        final Integer id = word.matches("[0-9]{1,3}") ? Integer.valueOf(word) : null;
        return id == null || id > MAX_ID ? null : id;
    }

    /** Sets whether codes cover the other options of segments. */
    public void options(Located<String> text) {
        options = Values.yesNo(text, problems);
        failed |= options == null;
    }

    /** Sets the ports of the services that it is for. */
    public void ports(List<Located<String>> texts) {
        for (final Located<String> text : texts) {
            final Located<Integer> port = Values.integer(text, 1, 65_535, "TCP port", problems);
            failed |= port == null;
            if (port != null) {
                ports.add(port);
            }
        }
    }

    /**
     * The key.
     *
     * @param services over TCP that there are; null if some could not be read
     * @return null if something is wrong, which is added to the problems
     */
    @Nullable
    KeyConfig resolve(@Nullable List<Located<ServiceSpec>> services) {
        final Located<String> who = peers;
        final Located<Path> file = secret;
        if (who == null) {
            problems.add(place, "no peer", "say who signs with the key, for instance peer: 192.0.2.0/24");
        }
        if (file == null && !failed) {
            problems.add(place, "no secret", "name the file that holds it, for instance secret: peer.key");
        }
        if (algorithm == KeyAlgorithm.MD5) {
            refuse(ids, "ids are of TCP-AO, and MD5 has none");
            refuse(options, "MD5 never covers options");
        }
        if (services != null) {
            checkPorts(services);
        }
        if (who == null || file == null || failed) {
            return null;
        }
        final boolean ao = algorithm.isAo();
        return new KeyConfig(
                who,
                algorithm,
                file,
                ao ? sendId : 0,
                ao ? receiveId : 0,
                ao && (options == null || options.value()),
                ports.stream().map(Located::value).toList());
    }

    private void refuse(@Nullable Located<?> setting, String why) {
        if (setting != null) {
            problems.add(setting.place(), why, "leave it out, or choose " + KeyAlgorithm.HMAC_SHA_1_96.text());
            failed = true;
        }
    }

    private void checkPorts(List<Located<ServiceSpec>> services) {
        if (services.isEmpty()) {
            problems.add(place, "no service over TCP could use a key", "add one with tcp:, or leave the key out");
            failed = true;
        }
        for (final Located<Integer> port : ports) {
            if (!services.isEmpty()
                    && services.stream().noneMatch(each -> each.value().port() == port.value())) {
                problems.add(
                        port.place(),
                        "no service over TCP listens at port " + port.value(),
                        "there is "
                                + services.stream()
                                        .map(each -> each.value().toString())
                                        .collect(Collectors.joining(", ")));
                failed = true;
            }
        }
    }
}
