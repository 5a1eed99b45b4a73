package io.millrace.bench.serve.http;

/** Reason phrases of the status codes in use (RFC 9110, section 15; RFC 6585, section 5). */
final class Status {
    private Status() {}

    /** The reason phrase of a code. */
    static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 301 -> "Moved Permanently";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 414 -> "URI Too Long";
            case 431 -> "Request Header Fields Too Large";
            case 501 -> "Not Implemented";
            case 505 -> "HTTP Version Not Supported";
            default -> throw new IllegalArgumentException("status " + status);
        };
    }
}
