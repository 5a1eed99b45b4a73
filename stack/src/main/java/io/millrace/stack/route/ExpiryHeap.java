package io.millrace.stack.route;

import java.util.Arrays;

/** Routes with an end, the next one first: a binary heap that knows where each of its routes is. */
final class ExpiryHeap {
    private static final int ABSENT = -1;

    private int[] heap = new int[8];
    private int size;
    private long[] expiresAt = new long[0];
    private int[] places = new int[0];

    /** Whether no route has an end. */
    boolean isEmpty() {
        return size == 0;
    }

    /** When the next one goes; {@code Long.MAX_VALUE} if none does. */
    long next() {
        return size == 0 ? Long.MAX_VALUE : expiresAt[heap[0]];
    }

    /** The one that goes next; there must be one. */
    int first() {
        return heap[0];
    }

    /** When a route goes; {@code Long.MAX_VALUE} for never. */
    long expiresAt(final int route) {
        return route < places.length && places[route] != ABSENT ? expiresAt[route] : Long.MAX_VALUE;
    }

    /** Sets when a route goes; {@code Long.MAX_VALUE} for never. */
    void set(final int route, final long time) {
        remove(route);
        if (time == Long.MAX_VALUE) {
            return;
        }
        if (route >= places.length) {
            final int old = places.length;
            places = Arrays.copyOf(places, Math.max(route + 1, 2 * old));
            Arrays.fill(places, old, places.length, ABSENT);
            expiresAt = Arrays.copyOf(expiresAt, places.length);
        }
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        expiresAt[route] = time;
        up(size++, route);
    }

    /** Forgets a route, if it is there. */
    void remove(final int route) {
        if (route >= places.length || places[route] == ABSENT) {
            return;
        }
        final int place = places[route];
        places[route] = ABSENT;
        final int last = heap[--size];
        if (last != route) {
            up(place, last);
            down(places[last], last);
        }
    }

    private void up(final int from, final int route) {
        int place = from;
        while (place > 0 && expiresAt[heap[(place - 1) / 2]] > expiresAt[route]) {
            put(place, heap[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        put(place, route);
    }

    private void down(final int from, final int route) {
        int place = from;
        while (2 * place + 1 < size) {
            int child = 2 * place + 1;
            if (child + 1 < size && expiresAt[heap[child + 1]] < expiresAt[heap[child]]) {
                child++;
            }
            if (expiresAt[heap[child]] >= expiresAt[route]) {
                break;
            }
            put(place, heap[child]);
            place = child;
        }
        put(place, route);
    }

    private void put(final int place, final int route) {
        heap[place] = route;
        places[route] = place;
    }
}
