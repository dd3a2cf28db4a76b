// SPDX-License-Identifier: Apache-2.0
/*
 * server.c - answers what the reader of events asks, on 127.0.0.1: server HTTP-PORT SILENT-PORT [DNS-ADDRESS].
 *
 * Prints a line for each request: "GET /path HTTP/1.1", "silent", "DNS name".  Whoever connects to the silent port gets no answer.  With an address,
 * names are answered at its port 53: 192.0.2.1.  "ready" comes first.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int serve(int type, const char *address, const char *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, type, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (inet_pton(AF_INET, address, &at.sin_addr) != 1 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    (type == SOCK_STREAM && listen(fd, 256))) {
		perror(port);
		exit(1);
	}
	return fd;
}

static void answer_http(int listener)
{
	static const char answer[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
	int fd = accept(listener, NULL, NULL);
	char request[4096];
	ssize_t length = read(fd, request, sizeof(request) - 1);

	if (length > 0) {
		char *host;

		request[length] = '\0';
		host = strstr(request, "\r\nHost: ");
		printf("%.*s %.*s\n", (int)strcspn(request, "\r"), request, host ? (int)strcspn(host + 2, "\r") : 0, host ? host + 2 : "");
		if (write(fd, answer, sizeof(answer) - 1) < 0)
			puts("gone");
	}
	close(fd);
}

/* The question comes back with one address. */
static void answer_dns(int fd)
{
	static const unsigned char record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1 };
	struct sockaddr_in from;
	socklen_t from_length = sizeof(from);
	unsigned char packet[512 + sizeof(record)];
	ssize_t length = recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from, &from_length);
	size_t at = 12;

	if (length < 17)
		return;
	printf("DNS");
	for (; at < (size_t)length && packet[at]; at += packet[at] + 1u)
		printf("%c%.*s", at == 12 ? ' ' : '.', packet[at], (const char *)packet + at + 1);
	putchar('\n');
	at += 5;	/* the end of the name, type and class */
	packet[2] = 0x84;
	packet[7] = 1;
	memset(packet + 8, 0, 4);
	memcpy(packet + at, record, sizeof(record));
	sendto(fd, packet, at + sizeof(record), 0, (struct sockaddr *)&from, from_length);
}

int main(int argc, char **argv)
{
	struct pollfd polled[3] = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 } };

	if (argc < 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	polled[0] = (struct pollfd){ .fd = serve(SOCK_STREAM, "127.0.0.1", argv[1]), .events = POLLIN };
	polled[1] = (struct pollfd){ .fd = serve(SOCK_STREAM, "127.0.0.1", argv[2]), .events = POLLIN };
	if (argc > 3)
		polled[2] = (struct pollfd){ .fd = serve(SOCK_DGRAM, argv[3], "53"), .events = POLLIN };
	puts("ready");
	while (poll(polled, 3, -1) > 0) {
		if (polled[0].revents)
			answer_http(polled[0].fd);
		if (polled[1].revents && accept(polled[1].fd, NULL, NULL) >= 0)
			puts("silent");
		if (polled[2].revents)
			answer_dns(polled[2].fd);
	}
	return 0;
}
