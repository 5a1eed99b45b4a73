/*
 * A TCP server and a TCP client on Linux's sockets, for measuring what is at the other end of the wire.
 *
 *   linux_peer CPU server PORT           listens on three ports, one connection at a time
 *   linux_peer CPU client ADDRESS PORT   does what its standard input says, line by line
 *
 * PORT takes what comes and closes when the client did, PORT + 1 sends until the client goes, PORT + 2 sends back what
 * comes. The client reads "push MICROS", "pull MICROS" or "ask MICROS". It answers the first two with "bytes nanoseconds";
 * a push has ended when the server has taken all. It answers the third with the nanoseconds of each exchange of 64 bytes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK (64 * 1024)
#define ASKED 64
#define SERVICES 3

static char buffer[CHUNK];

static void check(int failed, const char *what)
{
	if (failed) {
		printf("%s: %s\n", what, strerror(errno));
		exit(1);
	}
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static struct addrinfo *resolve(const char *address, int port)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	struct addrinfo *result;
	char text[16];

	snprintf(text, sizeof(text), "%d", port);
	check(getaddrinfo(address, text, &hints, &result), "address");
	return result;
}

static int send_all(int s, size_t length)
{
	while (length > 0) {
		ssize_t n = send(s, buffer, length, 0);

		if (n <= 0)
			return 0;
		length -= n;
	}
	return 1;
}

static void serve(int service, int s)
{
	ssize_t n;

	switch (service) {
	case 0:
		while (recv(s, buffer, CHUNK, 0) > 0)
			;
		break;
	case 1:
		while (send_all(s, CHUNK))
			;
		break;
	default:
		while ((n = recv(s, buffer, CHUNK, 0)) > 0 && send_all(s, n))
			;
	}
	close(s);
}

static void server(int port)
{
	struct pollfd polled[SERVICES];
	int one = 1, i;

	for (i = 0; i < SERVICES; i++) {
		struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(port + i) };

		polled[i].fd = socket(AF_INET6, SOCK_STREAM, 0);
		polled[i].events = POLLIN;
		check(polled[i].fd < 0, "socket");
		check(setsockopt(polled[i].fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), "setsockopt");
		check(bind(polled[i].fd, (struct sockaddr *)&any, sizeof(any)), "bind");
		check(listen(polled[i].fd, 4), "listen");
	}
	puts("ready");
	while (poll(polled, SERVICES, -1) > 0) {
		for (i = 0; i < SERVICES; i++) {
			int s;

			if (!(polled[i].revents & POLLIN) || (s = accept(polled[i].fd, NULL, NULL)) < 0)
				continue;
			check(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), "setsockopt");
			serve(i, s);
		}
	}
}

static int open_to(const char *address, int port)
{
	struct addrinfo *to = resolve(address, port);
	int one = 1, s = socket(to->ai_family, SOCK_STREAM, 0);

	check(s < 0, "socket");
	check(connect(s, to->ai_addr, to->ai_addrlen), "connect");
	check(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), "setsockopt");
	freeaddrinfo(to);
	return s;
}

static void push(int s, uint64_t end)
{
	uint64_t start = now(), bytes = 0;

	while (now() < end) {
		check(!send_all(s, CHUNK), "send");
		bytes += CHUNK;
	}
	check(shutdown(s, SHUT_WR), "shutdown");
	check(recv(s, buffer, CHUNK, 0) != 0, "the end");
	printf("%llu %llu\n", (unsigned long long)bytes, (unsigned long long)(now() - start));
}

static void pull(int s, uint64_t end)
{
	uint64_t start = now(), bytes = 0;

	while (now() < end) {
		ssize_t n = recv(s, buffer, CHUNK, 0);

		check(n <= 0, "recv");
		bytes += n;
	}
	printf("%llu %llu\n", (unsigned long long)bytes, (unsigned long long)(now() - start));
}

static void ask(int s, uint64_t end)
{
	uint64_t before = now();

	while (before < end) {
		size_t left = ASKED;
		uint64_t after;

		check(!send_all(s, ASKED), "send");
		while (left > 0) {
			ssize_t n = recv(s, buffer, left, 0);

			check(n <= 0, "recv");
			left -= n;
		}
		after = now();
		printf("%llu ", (unsigned long long)(after - before));
		before = now();
	}
	putchar('\n');
}

static void client(const char *address, int port)
{
	char what[8];
	unsigned long long micros;

	puts("ready");
	fflush(stdout);
	while (scanf("%7s %llu", what, &micros) == 2) {
		int service = strcmp(what, "push") == 0 ? 0 : strcmp(what, "pull") == 0 ? 1 : 2;
		int s = open_to(address, port + service);
		uint64_t end = now() + micros * 1000;

		if (service == 0)
			push(s, end);
		else if (service == 1)
			pull(s, end);
		else
			ask(s, end);
		close(s);
		fflush(stdout);
	}
}

/* A server ends with the program that started it, which holds the other end of its standard input. */
static void end_with_parent(void)
{
	if (fork() == 0)
		return;
	while (read(0, buffer, CHUNK) > 0)
		;
	kill(0, SIGKILL);
}

int main(int argc, char **argv)
{
	cpu_set_t cpus;

	if (argc < 4)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[1]), &cpus);
	check(sched_setaffinity(0, sizeof(cpus), &cpus), "pin to the CPU");
	if (strcmp(argv[2], "server") == 0) {
		setpgid(0, 0);
		setvbuf(stdout, NULL, _IOLBF, 0);
		end_with_parent();
		server(atoi(argv[3]));
	} else if (argc == 5) {
		client(argv[3], atoi(argv[4]));
	}
	return 0;
}
