package io.millrace.bench.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class JsonTextTest {
    @Test
    void shouldIndentAndSeparateWhenValuesAreNested() {
        final JsonText json = new JsonText().beginObject().member("a", 1).beginObject("b");
        json.member("c", "d").endObject().beginArray("e").beginObject().endObject();
        json.beginObject()
                .member("f", -2)
                .endObject()
                .endArray()
                .beginObject("g")
                .endObject();
        final String expected = """
                {
                  "a": 1,
                  "b": {
                    "c": "d"
                  },
                  "e": [
                    {},
                    {
                      "f": -2
                    }
                  ],
                  "g": {}
                }
                """;
        assertEquals(expected, json.endObject().toString());
    }

    @Test
    void shouldEscapeWhenTextHoldsWhatJsonReserves() {
        final String json = new JsonText()
                .beginObject()
                .member("a\"b", "\\ \n \u001f ä")
                .endObject()
                .toString();
        assertEquals("{\n  \"a\\\"b\": \"\\\\ \\u000a \\u001f ä\"\n}\n", json);
    }
}
