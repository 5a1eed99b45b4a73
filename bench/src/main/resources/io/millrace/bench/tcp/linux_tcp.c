/*
 * TCP in bulk through Linux's own stack, from one network namespace to another, both ends in one thread on one CPU.
 *
 *   linux_tcp CPU NAMESPACE ADDRESS PORT
 *
 * ADDRESS is where the receiver listens, in NAMESPACE (a file of /proc); the sender is in this program's own. For each
 * line of standard input, a number of microseconds, it transfers for so long and writes "bytes nanoseconds", the latter
 * of this thread's CPU time. What the kernel does for the packets it does in this thread's name, in its system calls.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What one call moves: enough that the call itself is no cost, little enough that it stays in the cache. */
#define CHUNK (64 * 1024)

static char out[CHUNK];
static char in[CHUNK];

static void check(int failed, const char *what)
{
	if (failed) {
		printf("%s: %s\n", what, strerror(errno));
		exit(1);
	}
}

static uint64_t now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static uint64_t drain(int receiver)
{
	uint64_t bytes = 0;
	ssize_t n;

	while ((n = recv(receiver, in, CHUNK, MSG_DONTWAIT)) > 0)
		bytes += n;
	check(n == 0, "the connection ended");
	check(n < 0 && errno != EAGAIN, "recv");
	return bytes;
}

int main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	struct addrinfo *address;
	unsigned long long micros;
	cpu_set_t cpus;
	int one = 1, own, listener, sender, receiver;

	if (argc != 5)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[1]), &cpus);
	check(sched_setaffinity(0, sizeof(cpus), &cpus), "pin to the CPU");
	check(getaddrinfo(argv[3], argv[4], &hints, &address), "address");

	own = open("/proc/self/ns/net", O_RDONLY);
	check(own < 0, "own namespace");
	check(setns(open(argv[2], O_RDONLY), CLONE_NEWNET), "other namespace");
	listener = socket(address->ai_family, SOCK_STREAM, 0);
	check(listener < 0, "socket");
	check(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), "setsockopt");
	check(bind(listener, address->ai_addr, address->ai_addrlen), "bind");
	check(listen(listener, 1), "listen");
	check(setns(own, CLONE_NEWNET), "own namespace");
	sender = socket(address->ai_family, SOCK_STREAM, 0);
	check(sender < 0, "socket");
	check(connect(sender, address->ai_addr, address->ai_addrlen), "connect");
	receiver = accept(listener, NULL, NULL);
	check(receiver < 0, "accept");
	puts("ready");

	while (scanf("%llu", &micros) == 1) {
		uint64_t bytes = 0, start, end;

		drain(receiver);
		start = now(CLOCK_THREAD_CPUTIME_ID);
		end = now(CLOCK_MONOTONIC) + micros * 1000;
		do {
			ssize_t sent = send(sender, out, CHUNK, MSG_DONTWAIT);
			uint64_t received;

			check(sent < 0 && errno != EAGAIN, "send");
			received = drain(receiver);
			bytes += received;
			if (sent < 0 && received == 0)
				sched_yield(); /* the kernel has something to do first */
		} while (now(CLOCK_MONOTONIC) < end);
		printf("%llu %llu\n", (unsigned long long)bytes,
		       (unsigned long long)(now(CLOCK_THREAD_CPUTIME_ID) - start));
	}
	return 0;
}
