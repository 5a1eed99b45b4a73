package io.millrace.bench.options;

import io.millrace.config.profile.Profiles;
import java.util.Iterator;

/** The names of the profiles, for completion. */
public final class ProfileNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return Profiles.names().iterator();
    }
}
