// SPDX-License-Identifier: Apache-2.0
/*
 * network.c - connections, messages and sockets that listen, as LSM hooks and a function; see rule.h.
 *
 * connect, bind and send have the address that the program gave, copied to the kernel; listen and accept have the socket.  A message without
 * an address goes where its socket is connected to, which `connect` was asked for; one with an address is a datagram, or TCP's fast open, which connects
 * by sending.  Who connects is not known yet where accept asks; it is where the new socket becomes that of a file, which nothing can refuse.  Packet sockets go
 * through none of these: docs/rules.md says so.
 */
#include "compiler/intent/rule.h"
#include "compiler/policy/operand.h"

enum { CONNECT, BIND, LISTEN, ACCEPT, SEND };		/* words of INTENT_NETWORK_OPS */
enum { TCP, UDP, RAW, ICMP };		/* of INTENT_PROTOCOLS */

/* Who connects: nobody does, it is known later, or it is known there. */
enum peer { PEER_NONE, PEER_LATER, PEER_KNOWN };

static const struct network_row {
	const char *word, *hook;
	uint32_t index;			/* of the address, or of the socket that has its own */
	const char *resolve;		/* of that argument, or NULL */
	enum type_id type;
	enum type_id socket;		/* of argument 0 */
	bool is_to;			/* `to` is compared; else `from` */
	enum peer peer;
	enum hook_kind kind;
} rows[] = {
	[CONNECT] = { "connect", "socket_connect", 1, NULL, TYPE_SOCKADDR, TYPE_SOCKET, true, PEER_NONE, HOOK_LSM },
	[BIND] = { "bind", "socket_bind", 1, NULL, TYPE_SOCKADDR, TYPE_SOCKET, false, PEER_NONE, HOOK_LSM },
	[LISTEN] = { "listen", "socket_listen", 0, NULL, TYPE_SOCKET, TYPE_SOCKET, false, PEER_NONE, HOOK_LSM },
	[ACCEPT] = { "accept", "socket_accept", 0, NULL, TYPE_SOCKET, TYPE_SOCKET, false, PEER_LATER, HOOK_LSM },
	[SEND] = { "send", "socket_sendmsg", 1, "msg_name", TYPE_SOCKADDR, TYPE_SOCKET, true, PEER_NONE, HOOK_LSM },
};

/* void security_sock_graft(sock, socket): accept() with `peer`.  The socket of the connection has both ends of it. */
static const struct network_row taken = { "accept", "security_sock_graft", 0, NULL, TYPE_SOCK, TYPE_SOCK, false, PEER_KNOWN, HOOK_KPROBE };

static const struct network_row *row_of(const struct probe *probe)
{
	return probe->kind == HOOK_KPROBE ? &taken : &rows[probe->number];
}

/* Which of a socket's two ends is compared; an address that stands alone is its near one. */
static const struct end { enum operator_id address, not_address, port; } near = { OPERATOR_SADDR, OPERATOR_NOT_SADDR, OPERATOR_SPORT },
	far = { OPERATOR_DADDR, OPERATOR_NOT_DADDR, OPERATOR_DPORT };

static struct policy_value_list texts(struct rule *rule, const char *const *items, size_t count, struct span at)
{
	struct policy_value_list values = { arena_array(rule->arena, struct policy_value, count), count };

	for (size_t n = 0; n < count; n++)
		values.items[n].text = text_made(rule, at, "%s", items[n]);
	return values;
}

static void compare_end(struct rule *rule, const struct intent_endpoint *endpoint, size_t place, const struct end *end,
			struct alternative *alternative)
{
	if (!endpoint->networks.count && !endpoint->ports.count && !endpoint->exceptions.count)
		diag(rule->diagnostics, DIAG_INTENT_CATEGORY, endpoint->at, "this says neither addresses nor ports");
	if (endpoint->networks.count)
		alternative_add(rule, alternative, place, end->address, values_expand(rule, &endpoint->networks), endpoint->networks_at);
	if (endpoint->exceptions.count)
		alternative_add(rule, alternative, place, end->not_address, values_expand(rule, &endpoint->exceptions), endpoint->exceptions_at);
	if (endpoint->ports.count)
		alternative_add(rule, alternative, place, end->port, values_expand(rule, &endpoint->ports), endpoint->ports_at);
}

/* Each of the one list with each of the other; where one is empty, the other alone. */
static void add_pairs(struct rule *rule, const struct intent_network *network, const struct network_row *row, size_t place,
		      struct alternatives *to)
{
	const struct intent_endpoint_list *from = &network->from, *peer = &network->peer;
	const size_t peers = peer->count ? peer->count : 1, count = peer->count || from->count ? peers * (from->count ? from->count : 1) : 0;

	for (size_t n = 0; n < count; n++) {
		const struct intent_endpoint *who = peer->count ? &peer->items[n % peers] : NULL;
		const struct intent_endpoint *where = from->count ? &from->items[n / peers] : NULL;
		struct alternative *alternative = alternatives_add(rule, to, row->word, who ? who->at : where->at);

		if (who)
			compare_end(rule, who, place, &far, alternative);
		if (where)
			compare_end(rule, where, place, &near, alternative);
	}
}

static void refuse_peer(struct rule *rule, const struct intent_network *network, const struct network_row *row)
{
	refuse_operation(rule, network->peer_at, "peer", row->peer == PEER_LATER ? "the rule is asked before it is known who connects: give it 'peer' as well" :
		"who connects is 'peer' of accept: give accept a rule of its own");
}

static void add_endpoints(struct rule *rule, const struct intent_network *network, const struct network_row *row, size_t place,
			  struct alternatives *to)
{
	const struct intent_endpoint_list *meant = row->is_to ? &network->to : &network->from;
	const struct intent_endpoint_list *other = row->is_to ? &network->from : &network->to;

	if (other->count)
		refuse_operation(rule, row->is_to ? network->from_at : network->to_at, row->is_to ? "from" : "to",
			row->is_to ? "where a connection goes is 'to'" : "own addresses and ports are 'from', and who connects is 'peer'");
	if (row->peer == PEER_KNOWN) {
		add_pairs(rule, network, row, place, to);
		return;
	}
	if (network->peer.count)
		refuse_peer(rule, network, row);
	for (size_t n = 0; n < meant->count; n++)
		compare_end(rule, &meant->items[n], place, &near, alternatives_add(rule, to, row->word, meant->items[n].at));
}

/* Both, where none is named. */
static struct policy_value_list families_of(struct rule *rule, const struct intent_network *network, struct span otherwise)
{
	static const char *const families[] = { "AF_INET", "AF_INET6" };
	const char *chosen[2];
	size_t count = 0;

	for (size_t n = 0; n < network->families.count && n < 2; n++)
		chosen[count++] = families[network->families.items[n].number];
	return count ? texts(rule, chosen, count, network->families_at) : texts(rule, families, 2, otherwise);
}

/* MPTCP goes on as TCP where the other side does not know it, and UDP-Lite is a way to send datagrams: who means the one means the other. */
static const char *const protocol_names[][2] = {
	[TCP] = { "IPPROTO_TCP", "IPPROTO_MPTCP" }, [UDP] = { "IPPROTO_UDP", "IPPROTO_UDPLITE" }, [ICMP] = { "IPPROTO_ICMP" },
};

/* A raw socket is one by its type, whatever its protocol: false, and refused. */
static bool protocols_of(struct rule *rule, const struct intent_network *network, struct policy_value_list *ret)
{
	const char *chosen[2 * (ICMP + 1)];
	size_t count = 0;

	for (size_t n = 0; n < network->protocols.count && n <= ICMP; n++) {
		const struct word *word = &network->protocols.items[n];

		if (word->number == RAW) {
			refuse_operation(rule, word->at, "raw", "raw sockets are made with CAP_NET_RAW: a rule about 'capability' sees them");
			return false;
		}
		for (size_t i = 0; i < 2 && protocol_names[word->number][i]; i++)
			chosen[count++] = protocol_names[word->number][i];
	}
	*ret = texts(rule, chosen, count, network->protocols_at);
	return count;
}

/* Of the socket, which all hooks have as argument 0. */
static void add_protocols(struct rule *rule, const struct intent_network *network, const struct network_row *row, struct probe *probe)
{
	struct policy_value_list values;

	if (protocols_of(rule, network, &values))
		alternative_add(rule, &probe->condition, rule_place(rule, probe, 0, row->socket, NULL), OPERATOR_PROTOCOL, values,
			network->protocols_at);
}

/* Within the host, where the rule lets all alone: it would mean nothing. */
static void refuse_loopback(struct rule *rule, const struct intent_endpoint_list *endpoints)
{
	for (size_t n = 0; n < endpoints->count; n++) {
		const struct policy_value_list values = values_expand(rule, &endpoints->items[n].networks);

		for (size_t i = 0; i < values.count; i++) {
			if (!operand_is_loopback(&values.items[i]))
				continue;
			diag(rule->diagnostics, DIAG_INTENT_LOOPBACK, values.items[i].text.at, "'%.64s' is within the host, which the rule lets alone",
				values.items[i].text.bytes);
			diag_help(rule->diagnostics, "say loopback: match");
		}
	}
}

/* Also of an allowOnly: what stays within the host is let pass. */
static void add_loopback(struct rule *rule, const struct intent_network *network, const struct end *end, struct alternatives *to, size_t place)
{
	static const char *const loopback[] = { "127.0.0.0/8", "::1/128" };

	if (!network->loopback)
		alternative_add(rule, alternatives_add(rule, to, "loopback", rule->written->match.network_at), place, end->address,
			texts(rule, loopback, 2, rule->written->match.network_at), rule->written->match.network_at);
}

/* Programs cannot make that function fail, and it is called when the connection is there: who is killed there does not get to use it. */
static bool can_watch(struct rule *rule, const struct intent_network *network)
{
	const enum intent_effect effect = rule->written->effect;
	const struct intent_respond *respond = rule->written->respond;

	if (effect != INTENT_AUDIT && effect != INTENT_KILL) {
		diag(rule->diagnostics, DIAG_NOT_LOWERABLE, network->peer_at, "who connects is known when the connection is taken, and nothing can be denied then");
		diag_help(rule->diagnostics, "it can be told of, or who takes it killed: effect: audit, or kill; to deny it leave 'peer' out, and say where: 'from'");
	} else if (effect == INTENT_KILL && respond && respond->error.bytes) {
		diag(rule->diagnostics, DIAG_NOT_LOWERABLE, respond->error.at, "'errno' where nothing fails: who takes the connection is killed when it is there");
		diag_help(rule->diagnostics, "remove it");
	} else {
		return true;
	}
	return false;
}

static void add_probe(struct rule *rule, const struct intent_network *network, const struct word *op)
{
	const struct network_row *row = op->number == ACCEPT && network->peer.count ? &taken : &rows[op->number];
	const bool is_taken = row->peer == PEER_KNOWN;
	const bool allows = rule->written->effect == INTENT_ALLOW_ONLY;
	struct probe *probe;
	size_t place;

	if (is_taken && !can_watch(rule, network))
		return;
	probe = rule_add_probe(rule, row->kind, row->hook, row->word, op->at);
	place = probe_add_argument(probe, row->index, row->type, row->resolve, NULL);
	probe->number = op->number;
	alternative_add(rule, &probe->condition, place, OPERATOR_FAMILY, families_of(rule, network, probe->at), probe->at);
	add_protocols(rule, network, row, probe);
	add_loopback(rule, network, is_taken ? &far : &near, allows ? &probe->matches : &probe->exceptions, place);
	add_endpoints(rule, network, row, place, &probe->matches);
	probe->matches.everything = !is_taken && !(row->is_to ? network->to.count : network->from.count);
}

/* Of an empty list it is not known whether all is meant, or nothing. */
static void refuse_empty_ends(struct rule *rule, const struct intent_network *network)
{
	if (!span_is_empty(network->to_at))
		refuse_empty(rule, network->to_at, network->to.count);
	if (!span_is_empty(network->from_at))
		refuse_empty(rule, network->from_at, network->from.count);
	if (!span_is_empty(network->peer_at))
		refuse_empty(rule, network->peer_at, network->peer.count);
}

void network_lower(struct rule *rule)
{
	const struct intent_network *network = rule->written->match.network;

	refuse_empty(rule, network->ops_at, network->ops.count);
	refuse_empty_ends(rule, network);
	if (!network->loopback && rule->written->effect != INTENT_ALLOW_ONLY) {
		refuse_loopback(rule, &network->to);
		refuse_loopback(rule, &network->from);
		refuse_loopback(rule, &network->peer);
	}
	for (size_t n = 0; n < network->ops.count; n++)
		add_probe(rule, network, &network->ops.items[n]);
}

bool network_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	const struct intent_network *network = match->network;
	struct policy_value_list protocols = { 0 };
	const struct network_row *row = row_of(probe);
	const bool is_meant = words_have(&network->ops, probe->number);

	if (!span_is_empty(network->loopback_at))
		refuse_excepted(rule, network->loopback_at, "loopback", "whether addresses within the host are meant at all, the rule says",
			"name them as any other: to, or from, with cidr: [127.0.0.0/8, \"::1\"]");
	refuse_empty_ends(rule, network);
	if (!network->to.count && !network->from.count && !network->peer.count && !network->protocols.count && !network->families.count)
		refuse_empty(rule, network->at, 0);
	if (!is_meant)
		return false;
	add_endpoints(rule, network, row, 0, ret);
	if (protocols_of(rule, network, &protocols))
		alternatives_add_all(rule, ret, rule_place(rule, probe, 0, row->socket, NULL), OPERATOR_PROTOCOL, protocols, network->protocols_at);
	if (network->families.count)
		alternatives_add_all(rule, ret, 0, OPERATOR_FAMILY, families_of(rule, network, network->families_at), network->families_at);
	return true;
}
