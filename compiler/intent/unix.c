// SPDX-License-Identifier: Apache-2.0
/*
 * unix.c - sockets of the file system, and abstract ones, as LSM hooks; see rule.h.
 *
 * unix_stream_connect has the socket that is connected to, whose path is that of its file: how the program spelt it, by links or from its own
 * folder, makes no difference.  So has unix_may_send, of datagrams and of sockets that are connected to send some.  Abstract names are as they were
 * given to connect; bind makes the file.
 */
#include "compiler/intent/rule.h"

enum { CONNECT, BIND, SEND };		/* words of INTENT_UNIX_OPS */

static void add_connect(struct rule *rule, const struct intent_unix *sockets, struct span at)
{
	struct probe *probe;

	if (!sockets->paths)
		return;
	probe = rule_add_probe(rule, HOOK_LSM, "unix_stream_connect", "connect", at);
	probe->number = CONNECT;
	probe->path.path = probe_add_argument(probe, 1, TYPE_PATH, "path", NULL);
	probe->arguments[probe->path.path].btf_type = text_made(rule, at, "unix_sock");
	paths_match(rule, sockets->paths, probe->path, "connect", &probe->matches, &probe->exceptions);
}

/* af_unix.c asks of the receiver, whose struct sock begins its struct unix_sock. */
static void add_send(struct rule *rule, const struct intent_unix *sockets, struct span at)
{
	struct probe *probe;

	if (!sockets->paths) {
		refuse_operation(rule, at, "send", "where datagrams go is compared by 'paths' alone");
		return;
	}
	if (rule->for_tetragon) {
		diag(rule->diagnostics, DIAG_NOT_EMITTED, at, "Tetragon cannot tell the path of a datagram's receiver");
		diag_help(rule->diagnostics, "leave 'send' to tetra apply");
		return;
	}
	probe = rule_add_probe(rule, HOOK_LSM, "unix_may_send", "send", at);
	probe->number = SEND;
	probe->path.path = probe_add_argument(probe, 1, TYPE_PATH, "sk.(unix_sock).path", NULL);
	paths_match(rule, sockets->paths, probe->path, "send", &probe->matches, &probe->exceptions);
}

/* A socket's file is a node of its type: the third argument of path_mknod is its mode. */
static void add_bind(struct rule *rule, const struct intent_unix *sockets, struct span at)
{
	struct probe *probe;
	size_t mode;

	if (!sockets->paths)
		return;
	probe = rule_add_probe(rule, HOOK_LSM, "path_mknod", "bind", at);
	probe->number = BIND;
	probe->path = probe_add_entry(rule, probe, 1, 0);
	mode = probe_add_argument(probe, 2, TYPE_UINT16, NULL, NULL);
	alternative_add(rule, &probe->condition, mode, OPERATOR_IN_RANGE, value_made(rule, at, "49152:53247"), at);	/* S_IFSOCK, any bits */
	paths_match(rule, sockets->paths, probe->path, "bind", &probe->matches, &probe->exceptions);
}

static struct policy_value_list abstract_names(struct rule *rule, const struct intent_unix *sockets)
{
	struct policy_value_list names = values_expand(rule, &sockets->abstract);

	for (size_t n = 0; n < names.count; n++)
		names.items[n].text = text_made(rule, names.items[n].text.at, "@%s", names.items[n].text.bytes);
	return names;
}

static void add_abstract(struct rule *rule, const struct intent_unix *sockets, unsigned op, const char *hook, const char *word,
			 struct span at)
{
	struct probe *probe;
	size_t place;

	if (!sockets->abstract.count)
		return;
	probe = rule_add_probe(rule, HOOK_LSM, hook, word, at);
	probe->number = op;
	place = probe_add_argument(probe, 1, TYPE_SOCKADDR_UN, NULL, NULL);
	alternative_add(rule, alternatives_add(rule, &probe->matches, "abstract", sockets->abstract_at), place, OPERATOR_EQUAL,
		abstract_names(rule, sockets), sockets->abstract_at);
	probe->path.path = SIZE_MAX;
}

void unix_lower(struct rule *rule)
{
	const struct intent_unix *sockets = rule->written->match.unix_sockets;

	if (!sockets->paths && !sockets->abstract.count)
		refuse_operation(rule, rule->written->match.unix_sockets_at, "unix", "name sockets by 'paths' or 'abstract'");
	refuse_empty(rule, sockets->ops_at, sockets->ops.count);
	for (size_t n = 0; n < sockets->ops.count; n++) {
		const struct word *op = &sockets->ops.items[n];

		if (op->number == CONNECT) {
			add_connect(rule, sockets, op->at);
			add_abstract(rule, sockets, CONNECT, "socket_connect", "connect", op->at);
		} else if (op->number == BIND) {
			add_bind(rule, sockets, op->at);
			add_abstract(rule, sockets, BIND, "socket_bind", "bind", op->at);
		} else {
			add_send(rule, sockets, op->at);
		}
	}
}

bool unix_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	const struct intent_unix *sockets = match->unix_sockets;
	const bool is_meant = words_have(&sockets->ops, probe->number);

	if (!is_meant || (probe->path.path == SIZE_MAX ? !sockets->abstract.count : !sockets->paths))
		return false;
	if (probe->path.path == SIZE_MAX)
		alternative_add(rule, alternatives_add(rule, ret, NULL, sockets->abstract_at), 0, OPERATOR_EQUAL,
			abstract_names(rule, sockets), sockets->abstract_at);
	else
		paths_except(rule, sockets->paths, probe->path, ret);
	return true;
}
