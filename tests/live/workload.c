// SPDX-License-Identifier: Apache-2.0
/*
 * workload.c - does one watched thing and says what came of it: workload WHAT [ARGUMENT]...
 *
 *   open FILE      "opened" or the error          write FD TEXT      bytes written
 *   connect PORT   to 127.0.0.1                   connect6 PORT      to ::1
 *   mkdir DIR      "made" or the error            wait FIFO WHAT...  reads FIFO to its end, then does WHAT
 * Exits 0 when it could be done, 1 when not.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int say(int result, const char *done)
{
	int failed = result < 0 ? errno : 0;

	fprintf(stderr, "%s\n", failed ? strerror(failed) : done);
	return failed != 0;
}

static int do_open(char **arguments)
{
	return say(open(arguments[0], O_RDONLY), "opened");
}

static int do_write(char **arguments)
{
	return write(atoi(arguments[0]), arguments[1], strlen(arguments[1])) < 0;
}

static int do_connect(char **arguments)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[0])),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), result = connect(fd, (struct sockaddr *)&to, sizeof(to));

	return errno == ECONNREFUSED ? 0 : say(result, "connected");
}

static int do_connect6(char **arguments)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(arguments[0])),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM, 0), result = connect(fd, (struct sockaddr *)&to, sizeof(to));

	return errno == ECONNREFUSED ? 0 : say(result, "connected");
}

static int do_mkdir(char **arguments)
{
	return say(mkdir(arguments[0], 0755), "made");
}

static int do_wait(char **arguments);

static const struct {
	const char *name;
	int count;
	int (*run)(char **arguments);
} things[] = {
	{ "open", 1, do_open }, { "write", 2, do_write }, { "connect", 1, do_connect }, { "connect6", 1, do_connect6 },
	{ "mkdir", 1, do_mkdir }, { "wait", 2, do_wait },
};

static int run(int count, char **arguments)
{
	for (size_t i = 0; count && i < sizeof(things) / sizeof(things[0]); i++)
		if (!strcmp(arguments[0], things[i].name) && count > things[i].count)
			return things[i].run(arguments + 1);
	fprintf(stderr, "workload: does not know '%s'\n", count ? arguments[0] : "");
	return 2;
}

static int do_wait(char **arguments)
{
	int fd = open(arguments[0], O_RDONLY), count = 0;
	char byte;

	while (read(fd, &byte, 1) > 0)
		;
	while (arguments[1 + count])
		count++;
	return run(count, arguments + 1);
}

int main(int argc, char **argv)
{
	return run(argc - 1, argv + 1);
}
