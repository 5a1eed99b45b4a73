package io.millrace.dataplane.counter;

/**
 * What reports call a counter.
 *
 * @param key in reports and JSON, lowerCamelCase, unique within a shard
 * @param description one sentence for a person, without a full stop
 * @param drop whether each count is a packet that was dropped
 */
public record CounterLabel(String key, String description, boolean drop) {}
