package io.millrace.bench.serve.http;

import io.millrace.bench.command.Version;

/** The few pages that the server makes itself. */
final class Html {
    /** What every page ends with. */
    static final String END = "</body>\n</html>\n";

    private static final String HOME = """
            <p>This page came to you through a TCP/IP stack written in Java. No kernel looked at its packets on this \
            side: they were read and written in place, in the memory of a packet driver.</p>
            <p>Serve files instead of this page with <code>--http-root FOLDER</code>.</p>
            """;

    private Html() {}

    /**
     * The beginning of a page.
     *
     * @param title HTML, already escaped
     */
    static String begin(String title) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head><meta charset="utf-8"><title>%s</title></head>
                <body>
                <h1>%s</h1>
                """.formatted(title, title);
    }

    /** The page of a server that has no folder to show. */
    static String home() {
        return page("Millrace " + escape(Version.current()), HOME);
    }

    /** A page that says why a request was refused. */
    static String error(int status, String reason) {
        return page(status + " " + escape(reason), "");
    }

    /** Makes text safe inside elements and quoted attributes. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String page(String title, String body) {
        return begin(title) + body + END;
    }
}
