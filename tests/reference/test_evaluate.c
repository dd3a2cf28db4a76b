// SPDX-License-Identifier: Apache-2.0
/*
 * test_evaluate.c - the judge is judged: rows that come straight from the sentences of the reference; those of processes are in
 * test_evaluate_process.c.  TAP.
 *
 * The first column is the section; "match.h", "deviations" (docs/deviations.md) and "decided" are the project's own decisions.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/reference/evaluate.h"
#include "tests/reference/judged.h"

/* ---- One filter on one argument ---- */

static unsigned find_name(const struct model_name *names, const char *text)
{
	for (; names->name; names++)
		if (!strcmp(names->name, text))
			return names->number;
	return (unsigned)strtoul(text, NULL, 0);
}

/* "family=AF_INET saddr=1.2.3.4 sport=80": what is not said is not known. */
static void socket_of(const char *facts, struct model_value *value)
{
	static const struct { const char *key; enum model_part part; const struct model_name *names; } keys[] = {
		{ "family=", PART_FAMILY, model_families }, { "protocol=", PART_PROTOCOL, model_protocols },
		{ "state=", PART_STATE, model_states }, { "sport=", PART_SOURCE_PORT, NULL },
		{ "dport=", PART_DESTINATION_PORT, NULL }, { "saddr=", PART_SOURCE, NULL }, { "daddr=", PART_DESTINATION, NULL },
	};
	static const struct model_name none[] = { { NULL, 0 } };
	char word[128];

	for (size_t n = 0; n < sizeof(keys) / sizeof(*keys); n++) {
		if (!find_word(facts, keys[n].key, word))
			continue;
		value->known[keys[n].part] = true;
		if (keys[n].part == PART_SOURCE || keys[n].part == PART_DESTINATION)
			inet_pton(strchr(word, ':') ? AF_INET6 : AF_INET, word,
				  keys[n].part == PART_SOURCE ? value->source : value->destination);
		else
			value->parts[keys[n].part] = find_name(keys[n].names ? keys[n].names : none, word);
	}
}

/*
 * NULL: not recorded; "!": unreadable; "FRONT:x", "LONG:x": cut at the front, or 5000 bytes that begin with x; "NOPATH": a file
 * without a path; "MODE:0100644": that, with a mode.
 */
static void value_of(const char *text, int type, struct model_value *value)
{
	enum model_class class = model_types[type].class;
	static char bytes[5000];

	*value = (struct model_value){ .state = text ? *text == '!' ? VALUE_UNREADABLE : VALUE_READ : VALUE_ABSENT };
	if (value->state != VALUE_READ)
		return;
	if (class == MODEL_SIGNED || class == MODEL_UNSIGNED || class == MODEL_SET) {
		value->number = *text == '-' ? (uint64_t)strtoll(text, NULL, 0) : strtoull(text, NULL, 0);
	} else if (class == MODEL_SOCKET || class == MODEL_SOCKADDR) {
		socket_of(text, value);
	} else if (!strncmp(text, "FRONT:", 6)) {
		value->bytes = model_text(text + 6);
		value->cut = CUT_FRONT;
	} else if (!strncmp(text, "LONG:", 5)) {
		memset(bytes, 'a', sizeof(bytes));
		memcpy(bytes, text + 5, strlen(text + 5));
		value->bytes = (struct model_text){ bytes, sizeof(bytes) };
		value->cut = CUT_END;
	} else if (!strncmp(text, "MODE:", 5)) {
		value->has_mode = true;
		value->mode = (uint32_t)strtoul(text + 5, NULL, 8);
	} else if (strcmp(text, "NOPATH")) {
		value->bytes = model_text(text);
	}
	if (class == MODEL_UNIX) {
		value->known[PART_FAMILY] = true;
		value->parts[PART_FAMILY] = AF_UNIX;
	}
}

#define V4 "family=AF_INET saddr=10.1.2.3 daddr=93.184.216.34 sport=1023 dport=443 protocol=IPPROTO_TCP state=TCP_ESTABLISHED"
#define MAPPED "family=AF_INET6 saddr=::ffff:10.1.2.3 sport=1024 daddr=2001:db8::1 dport=80"

static const struct argument_row {
	const char *section, *says, *type, *op, *values, *value;
	enum model_answer want;
} argument_rows[] = {
	/* Numbers. */
	{ "5.4", "GT: greater", "int", "GT", "5", "6", YES },
	{ "5.4", "GT: the bound is not greater", "int", "GT", "5", "5", NO },
	{ "5.4", "GreaterThan is GT", "int", "GreaterThan", "5", "6", YES },
	{ "5.4", "LT: less", "int", "LT", "5", "4", YES },
	{ "5.4", "LT: the bound is not less", "int", "LT", "5", "5", NO },
	{ "5.4", "LessThan is LT, and signed for int", "int", "LessThan", "0", "-1", YES },
	{ "5.6", "GT with several values: any", "int", "GT", "100|5", "6", YES },
	{ "5.6", "LT with several values: any", "int", "LT", "1|50", "6", YES },
	{ "5.6", "NotEqual with several: none", "int", "NotEqual", "1|2", "3", YES },
	{ "5.6", "NotEqual with several: one of them", "int", "NotEqual", "1|2", "2", NO },
	{ "5.1", "values of one entry: OR", "int", "Equal", "1|2", "2", YES },
	{ "5.1", "a fault does not match", "int", "Equal", "1", "!", UNKNOWN },
	{ "5.1", "a fault does not match, negated", "int", "NotEqual", "1", "!", UNKNOWN },
	{ "5.1", "not recorded", "int", "NotEqual", "1", NULL, UNKNOWN },
	{ "4.1", "int: the low 32 bits", "int", "Equal", "5", "0x100000005", YES },
	{ "4.1", "uint8: the low 8 bits", "uint8", "Equal", "5", "0x105", YES },
	{ "4.1", "int16 is signed", "int16", "LT", "0", "0xffff", YES },
	{ "4.1", "uint16 is not", "uint16", "LT", "1", "0xffff", NO },
	{ "4.1", "sint8 is int8", "sint8", "Equal", "-1", "0xff", YES },
	{ "4.1", "long is int64", "long", "LT", "0", "-5", YES },
	{ "4.1", "ulong is uint64", "ulong", "GT", "9223372036854775807", "0xffffffffffffffff", YES },
	{ "10.16", "negative int8 values match", "int8", "Equal", "-2", "-2", YES },
	{ "10.16", "negative int16 values, NotEqual", "int16", "NotEqual", "-2", "-2", NO },
	{ "10.16", "int8 GT is signed", "int8", "GT", "0", "-1", NO },
	{ "10.16", "size_t is compared in full", "size_t", "Equal", "5", "0x100000005", NO },
	{ "10.16", "size_t above 32 bits is greater", "size_t", "GT", "5", "0x100000000", YES },
	{ "10.16", "negative members of InMap match", "int32", "InMap", "-5", "-5", YES },
	{ "10.16", "and ranges of them", "int16", "InMap", "-10:-5", "-7", YES },
	{ "5.6", "int8 value 300 is accepted, and no int8 is that", "int8", "Equal", "300", "44", NO },
	{ "5.6", "0x", "int", "Equal", "0x10", "16", YES },
	{ "5.6", "0o", "int", "Equal", "0o17", "15", YES },
	{ "5.6", "a leading 0 is octal", "int", "Equal", "017", "15", YES },
	{ "5.6", "0b", "int", "Equal", "0b101", "5", YES },
	{ "5.6", "_ separates", "int", "Equal", "1_000", "1000", YES },
	{ "5.6", "sign +", "int", "Equal", "+7", "7", YES },
	{ "5.6", "sign - before a base", "int", "Equal", "-0x10", "-16", YES },
	{ "5.6", "0", "int", "Equal", "0", "0", YES },
	{ "5.4", "Mask: any bit", "uint32", "Mask", "0x6", "4", YES },
	{ "5.4", "Mask: no bit", "uint32", "Mask", "0x6", "9", NO },
	{ "5.4", "Mask: any bit of any value", "uint32", "Mask", "2|8", "8", YES },
	{ "4.1", "Mask: an int8 has 8 bits, also a negative one", "int8", "Mask", "256", "-1", NO },
	{ "5.4", "InRange: inclusive below", "int", "InRange", "5:7", "5", YES },
	{ "5.4", "InRange: inclusive above", "int", "InRange", "5:7", "7", YES },
	{ "5.4", "InRange: outside", "int", "InRange", "5:7", "8", NO },
	{ "5.4", "NotInRange: outside", "int", "NotInRange", "5:7", "8", YES },
	{ "5.4", "NotInRange: in one of several", "int", "NotInRange", "1:2|5:7", "6", NO },
	{ "5.6", "InRange: reversed never matches", "uint64", "InRange", "5:1", "3", NO },
	{ "deviations", "a range of an unsigned type that starts below 0: from 0 on", "uint64", "InRange", "-5:3", "2", YES },
	{ "5.6", "InRange bounds in other bases", "int", "InRange", "0x5:0b111", "6", YES },
	{ "5.4", "InMap: a member", "uint32", "InMap", "1|3|5", "3", YES },
	{ "5.4", "InMap: none", "uint32", "InMap", "1|3|5", "4", NO },
	{ "5.4", "NotInMap: none", "uint32", "NotInMap", "1|3|5", "4", YES },
	{ "5.6", "InMap: a:b inclusive", "uint32", "InMap", "10:20", "20", YES },
	{ "5.6", "InMap: swapped if reversed", "uint32", "InMap", "20:10", "15", YES },
	{ "5.6", "syscall64: numbers of a 32-bit ABI carry bit 31", "syscall64", "Equal", "5", "0x80000005", NO },
	{ "5.6", "syscall64: they are compared with it", "syscall64", "Equal", "2147483653", "0x80000005", YES },

	/* Capability sets. */
	{ "5.5", "sets: Equal", "kernel_cap_t", "Equal", "0x3", "3", YES },
	{ "5.6", "sets: a list of names", "kernel_cap_t", "Equal", "CAP_CHOWN,DAC_OVERRIDE", "3", YES },
	{ "5.6", "sets: spaces around names", "cap_effective", "Equal", "CAP_CHOWN , CAP_BPF", "0x8000000001", YES },
	{ "5.5", "sets: NotEqual", "cap_permitted", "NotEqual", "CAP_CHOWN", "3", YES },
	{ "5.5", "sets: GT as unsigned 64", "cap_inheritable", "GT", "5", "0xffffffffffffffff", YES },
	{ "5.5", "sets: Mask", "kernel_cap_t", "Mask", "CAP_SYS_ADMIN", "0x200001", YES },
	{ "5.5", "sets: Mask, none", "kernel_cap_t", "Mask", "CAP_SYS_ADMIN,CAP_BPF", "1", NO },

	/* Strings. */
	{ "5.4", "Equal: the string", "string", "Equal", "a|/etc/passwd", "/etc/passwd", YES },
	{ "5.4", "Equal: longer", "string", "Equal", "/etc/passwd", "/etc/passwd-", NO },
	{ "5.7", "Equal \"\" matches the empty string", "string", "Equal", "", "", YES },
	{ "5.7", "case-sensitive", "string", "Equal", "abc", "Abc", NO },
	{ "5.4", "NotEqual", "string", "NotEqual", "abc", "abd", YES },
	{ "5.4", "Prefix", "string", "Prefix", "/etc/", "/etc/passwd", YES },
	{ "5.4", "Prefix: shorter than the value", "string", "Prefix", "/etc/", "/etc", NO },
	{ "5.7", "Prefix \"\" matches everything", "string", "Prefix", "", "x", YES },
	{ "5.4", "NotPrefix", "string", "NotPrefix", "/etc/", "/usr", YES },
	{ "5.4", "Postfix", "string", "Postfix", ".so", "libc.so", YES },
	{ "5.4", "Postfix: not inside", "string", "Postfix", ".so", "libc.so.6", NO },
	{ "5.4", "NotPostfix", "string", "NotPostfix", ".so", "libc.so.6", YES },
	{ "5.4", "SubString", "string", "SubString", "c.s", "libc.so.6", YES },
	{ "5.4", "SubString: none", "string", "SubString", "cs", "libc.so.6", NO },
	{ "5.7", "SubString is case-sensitive", "string", "SubString", "LIB", "libc", NO },
	{ "5.7", "SubStringIgnCase is not", "string", "SubStringIgnCase", "LIB", "/libc", YES },
	{ "5.7", "SubStringIgnCase: ASCII only", "string", "SubStringIgnCase", "\xc3\x89", "\xc3\xa9", NO },
	{ "5.5", "char_buf is a string", "char_buf", "Prefix", "GET", "GET /", YES },
	{ "5.7", "net_device", "net_device", "Equal", "eth0|lo", "lo", YES },
	{ "5.5", "data_loc", "data_loc", "Postfix", "d", "word", YES },
	{ "match.h", "a string that was cut at its end: none of exact values", "string", "Equal", "a", "LONG:a", NO },
	{ "match.h", "... so it is not equal", "string", "NotEqual", "a", "LONG:a", YES },
	{ "match.h", "... prefixes are known: yes", "string", "Prefix", "xa", "LONG:x", YES },
	{ "match.h", "... prefixes are known: no", "string", "NotPrefix", "y", "LONG:x", YES },
	{ "match.h", "... postfixes are unknown", "string", "Postfix", "a", "LONG:x", UNKNOWN },
	{ "match.h", "... negated too", "string", "NotPostfix", "b", "LONG:x", UNKNOWN },
	{ "match.h", "... what is left may contain it", "string", "SubString", "xa", "LONG:x", YES },
	{ "match.h", "... or what was lost", "string", "SubString", "q", "LONG:x", UNKNOWN },

	/* Files. */
	{ "5.5", "file: Equal", "file", "Equal", "/etc/shadow", "/etc/shadow", YES },
	{ "5.5", "fd: Prefix", "fd", "Prefix", "/etc", "/etc/shadow", YES },
	{ "5.5", "dentry: Postfix", "dentry", "Postfix", "shadow", "/etc/shadow", YES },
	{ "5.5", "linux_binprm: Equal", "linux_binprm", "Equal", "/bin/sh", "/bin/sh", YES },
	{ "10.23", "no path: unknown", "file", "Equal", "/a", "NOPATH", UNKNOWN },
	{ "10.23", "no path, negated: unknown", "file", "NotPrefix", "/a", "NOPATH", UNKNOWN },
	{ "match.h", "a path cut at its front: postfixes are looked for", "file", "Postfix", "shadow", "FRONT:etc/shadow", YES },
	{ "match.h", "... and not found in what is left", "file", "NotPostfix", "x", "FRONT:etc/shadow", UNKNOWN },
	{ "match.h", "... exact values are unknown", "path", "Equal", "/etc/shadow", "FRONT:etc/shadow", UNKNOWN },
	{ "match.h", "... prefixes too", "path", "NotPrefix", "/usr", "FRONT:etc/shadow", UNKNOWN },
	{ "5.7", "FileType: reg", "file", "FileType", "reg", "MODE:0100644", YES },
	{ "5.7", "FileType: regular", "path", "FileType", "dir|regular", "MODE:0100644", YES },
	{ "5.7", "FileType: dir", "file", "FileType", "dir", "MODE:0100644", NO },
	{ "5.7", "NotFileType: lnk", "file", "NotFileType", "lnk|fifo", "MODE:0020666", YES },
	{ "5.7", "FileType works without a path", "file", "FileType", "sock", "MODE:0140777", YES },
	{ "match.h", "FileType without a mode", "file", "NotFileType", "reg", "/etc/shadow", UNKNOWN },

	/* Sockets. */
	{ "5.8", "SAddr: an address", "sock", "SAddr", "10.1.2.3", V4, YES },
	{ "5.8", "SAddr: a network", "sock", "SAddr", "192.168.0.0/16|10.0.0.0/8", V4, YES },
	{ "5.8", "SAddr: host bits may be set", "sock", "SAddr", "10.9.9.9/8", V4, YES },
	{ "5.8", "SAddr: /0", "socket", "SAddr", "0.0.0.0/0", V4, YES },
	{ "5.8", "SAddr: /32", "skb", "SAddr", "10.1.2.4/32", V4, NO },
	{ "5.8", "NotSAddr", "sock", "NotSAddr", "192.168.0.0/16", V4, YES },
	{ "5.8", "NotSAddr of the other family is true", "sock", "NotSAddr", "fe80::/10", V4, YES },
	{ "5.8", "SAddr of the other family", "sock", "SAddr", "::/0", V4, NO },
	{ "5.8", "DAddr", "sock", "DAddr", "93.184.0.0/16", V4, YES },
	{ "5.8", "NotDAddr", "sock", "NotDAddr", "10.0.0.0/8", V4, YES },
	{ "5.8", "DAddr: IPv6", "sock", "DAddr", "2001:db8::/32", MAPPED, YES },
	{ "5.8", "a zone is ignored", "sock", "DAddr", "2001:db8::1%eth0", MAPPED, YES },
	{ "deviations", "IPv4 networks hold IPv4-mapped addresses", "sock", "SAddr", "10.0.0.0/8", MAPPED, YES },
	{ "deviations", "... negated", "sock", "NotSAddr", "10.0.0.0/8", MAPPED, NO },
	{ "5.8", "an IPv4-mapped value is IPv6", "sock", "SAddr", "::ffff:10.1.2.3", V4, NO },
	{ "5.8", "sockaddr: in the source slot", "sockaddr", "SAddr", "10.1.2.3", "family=AF_INET saddr=10.1.2.3 sport=53", YES },
	{ "match.h", "no address: unknown", "sockaddr", "SAddr", "0.0.0.0/0", "family=AF_UNIX sport=0", UNKNOWN },
	{ "10.23", "no address, negated: unknown", "sockaddr", "NotSAddr", "10.0.0.0/8", "family=AF_UNIX sport=0", UNKNOWN },
	{ "10.23", "no address of a family that has one", "sock", "NotDAddr", "10.0.0.0/8", "family=AF_INET", UNKNOWN },
	{ "5.4", "SPort", "sock", "SPort", "1023", V4, YES },
	{ "5.4", "SPort: a range", "sock", "SPort", "1000:1023", V4, YES },
	{ "5.4", "NotSPort", "sock", "NotSPort", "80|443", V4, YES },
	{ "5.4", "DPort", "sock", "DPort", "80|443", V4, YES },
	{ "5.4", "NotDPort", "sock", "NotDPort", "400:500", V4, NO },
	{ "5.4", "SPortPriv: 1023", "sock", "SPortPriv", NULL, V4, YES },
	{ "5.4", "SPortPriv: 1024", "sock", "SPortPriv", NULL, MAPPED, NO },
	{ "5.4", "NotSportPriv: 1024", "sock", "NotSportPriv", NULL, MAPPED, YES },
	{ "5.4", "DPortPriv: 443", "sock", "DPortPriv", NULL, V4, YES },
	{ "5.4", "NotDPortPriv: 443", "sock", "NotDPortPriv", NULL, V4, NO },
	{ "5.4", "a port that is not known", "sock", "NotDPortPriv", NULL, "family=AF_INET sport=1", UNKNOWN },
	{ "5.8", "Protocol by name", "sock", "Protocol", "IPPROTO_UDP|IPPROTO_TCP", V4, YES },
	{ "5.8", "Protocol by number", "skb", "Protocol", "6", V4, YES },
	{ "5.8", "Protocol by range", "sock", "Protocol", "7:17", V4, NO },
	{ "5.8", "Family by name", "sock", "Family", "AF_INET6", MAPPED, YES },
	{ "5.8", "Family: DECnet's case", "sock", "Family", "AF_DECnet", "family=12", YES },
	{ "5.8", "Family by number", "sockaddr", "Family", "1", "family=AF_UNIX", YES },
	{ "5.8", "State by name", "sock", "State", "TCP_ESTABLISHED", V4, YES },
	{ "5.8", "State by range", "sock", "State", "2:12", V4, NO },
	{ "5.8", "State of a packet never matches", "skb", "State", "1:12", "family=AF_INET", UNKNOWN },
	{ "5.5", "sockaddr_un: Equal", "sockaddr_un", "Equal", "/run/docker.sock", "/run/docker.sock", YES },
	{ "5.5", "sockaddr_un: Prefix", "sockaddr_un", "Prefix", "/run/", "/run/docker.sock", YES },
	{ "5.5", "sockaddr_un: Family", "sockaddr_un", "Family", "AF_UNIX", "/run/docker.sock", YES },
	{ "5.5", "a socket that could not be read", "sock", "Family", "AF_UNIX", "!", UNKNOWN },
};

static void run_argument_row(const struct argument_row *row)
{
	int type = model_type_find(row->type), op = model_operator_find(row->op);
	struct model_hook hook = { .arguments = { { { .index = 3, .type = type } }, 1 }, .return_type = type };
	struct model_filter filter = { .kind = MATCH_ARGS, .op = op, .index = 3, .values = values_of(row->values) };
	struct model_event event = { .argument_count = 1 };
	const struct model_policy policy = { .name = model_text("p") };

	if (type < 0 || op < 0 || !(model_operators[op].classes >> model_types[type].class & 1)) {
		tell(false, row->section, "the row names a type or an operator that does not go");
		return;
	}
	event.arguments[0].index = 3;
	value_of(row->value, type, &event.arguments[0].value);
	tell_answer(evaluate_filter(&policy, &hook, &filter, &event), row->want, row->section, row->says);
}

/* ---- Expressions ---- */

/* "(< arg 5)": all numbers are of the argument's type. */
static const struct expression_row {
	const char *section, *says, *type, *expression, *value;
	enum model_answer want;
} expression_rows[] = {
	{ "5.9", "==", "int", "(== arg 5)", "5", YES },
	{ "5.9", "!=", "int", "(!= arg 5)", "5", NO },
	{ "5.9", "< is signed for int", "int", "(< arg 0)", "0xffffffff", YES },
	{ "5.9", "< is not for uint32", "uint32", "(< arg 1)", "0xffffffff", NO },
	{ "5.9", ">= of uint64", "uint64", "(>= arg 5)", "0xffffffffffffffff", YES },
	{ "5.9", "<= of int64", "int64", "(<= arg 5)", "-1", YES },
	{ "5.9", "+ wraps around", "int", "(< (+ arg 1) 0)", "0x7fffffff", YES },
	{ "5.9", "- wraps around", "uint32", "(> (- arg 1) 5)", "0", YES },
	{ "5.9", "and()", "uint32", "(== (and arg 6) 4)", "5", YES },
	{ "5.9", "or()", "uint32", "(== (or arg 6) 7)", "5", YES },
	{ "5.9", "xor()", "uint32", "(== (xor arg 6) 3)", "5", YES },
	{ "5.9", "not()", "int", "(== (not arg) 0)", "-1", YES },
	{ "5.9", "&&", "int", "(&& (> arg 1) (< arg 5))", "3", YES },
	{ "5.9", "||", "int", "(|| (< arg 1) (> arg 5))", "3", NO },
	{ "5.9", "!", "int", "(! (== arg 3))", "4", YES },
	{ "5.9", "a faulted argument", "int", "(! (== arg 3))", "!", UNKNOWN },
	{ "5.9", "a faulted argument, whichever side decides", "int", "(|| (== 1 1) (== arg 3))", "!", UNKNOWN },
};

static struct model_expression *expression_of(const char **text, enum model_number_type type)
{
	static const struct { const char *name; enum model_word word; unsigned operands; } words[] = {
		{ "==", WORD_EQUAL, 2 }, { "!=", WORD_UNEQUAL, 2 }, { "<=", WORD_LESS_EQUAL, 2 }, { ">=", WORD_GREATER_EQUAL, 2 },
		{ "<", WORD_LESS, 2 }, { ">", WORD_GREATER, 2 }, { "+", WORD_ADD, 2 }, { "-", WORD_SUBTRACT, 2 },
		{ "and", WORD_AND, 2 }, { "or", WORD_OR, 2 }, { "xor", WORD_XOR, 2 }, { "not", WORD_INVERT, 1 },
		{ "&&", WORD_ALL, 2 }, { "||", WORD_ANY, 2 }, { "!", WORD_NOT, 1 },
	};
	struct model_expression *ret = model_allocate(sizeof(*ret));
	char word[16];

	ret->type = type;
	*text += strspn(*text, " ");
	if (**text != '(') {
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(*text, " )"), *text);
		*text += strlen(word);
		ret->word = strcmp(word, "arg") ? WORD_NUMBER : WORD_ARGUMENT;
		ret->number = strcmp(word, "arg") ? strtoull(word, NULL, 10) : 0;
		return ret;
	}
	++*text;
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(*text, " )"), *text);
	*text += strlen(word);
	for (size_t n = 0; n < sizeof(words) / sizeof(*words); n++)
		if (!strcmp(words[n].name, word)) {
			ret->word = words[n].word;
			ret->left = expression_of(text, type);
			ret->right = words[n].operands == 2 ? expression_of(text, type) : NULL;
		}
	*text += strspn(*text, " ") + 1;
	return ret;
}

static void run_expression_row(const struct expression_row *row)
{
	int type = model_type_find(row->type);
	enum model_number_type width = !strcmp(row->type, "int") ? NUMBER_INT32 : !strcmp(row->type, "uint32") ? NUMBER_UINT32 :
				       !strcmp(row->type, "int64") ? NUMBER_INT64 : NUMBER_UINT64;
	struct model_hook hook = { .arguments = { { { .index = 0, .type = type } }, 1 }, .return_type = -1 };
	const char *text = row->expression;
	struct model_filter filter = { .kind = MATCH_ARGS, .op = model_operator_find("CelExpr"),
				       .expression = expression_of(&text, width) };
	struct model_event event = { .argument_count = 1 };
	const struct model_policy policy = { .name = model_text("p") };

	value_of(row->value, type, &event.arguments[0].value);
	tell_answer(evaluate_filter(&policy, &hook, &filter, &event), row->want, row->section, row->says);
}

/* ---- Selectors ---- */

/* Of one int argument; a selector is the values of Equal, or of NotEqual behind '~'; parted by ';'. */
static const struct selector_row {
	const char *section, *says, *selectors, *macro, *value;
	int want;
	bool unknown;
} selector_rows[] = {
	{ "5.1", "no selectors: every call", NULL, NULL, "5", 0, false },
	{ "5.1", "an empty selector: every call", "", NULL, "!", 0, false },
	{ "5.1", "the first that matches decides", "1;5;5", NULL, "5", 1, false },
	{ "5.1", "none", "1;2", NULL, "5", -1, false },
	{ "5.1", "fields of a selector: AND", "5,6;~6", NULL, "5", 1, false },
	{ "5.1", "unknown never accepts; what comes behind it may", "5;~5;", NULL, "!", 2, true },
	{ "5.1", "unknown, and nothing behind", "5;~5", NULL, "!", -1, true },
	{ "3.11", "a macro is appended", "m;7", "5", "5", 0, false },
	{ "3.11", "a macro is appended: it does not hold", "m;7", "5", "7", 1, false },
};

static void run_selector_row(const struct selector_row *row)
{
	int type = model_type_find("int");
	struct model_hook hook = { .arguments = { { { .index = 0, .type = type } }, 1 }, .return_type = -1 };
	struct model_policy policy = { .name = model_text("p") };
	struct model_macro macro = { .name = model_text("m") };
	struct model_event event = { .argument_count = 1 };
	struct model_verdict verdict;

	if (row->macro) {
		model_filters_add(&macro.filters, (struct model_filter){ .kind = MATCH_ARGS, .op = model_operator_find("Equal"),
									 .values = values_of(row->macro) });
		policy.macros.items = &macro;
		policy.macros.count = 1;
	}
	for (const char *at = row->selectors; at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL) {
		struct model_selector selector = { .filters = { NULL, 0 } };
		size_t length = strcspn(at, ";");

		if (*at == 'm')
			model_texts_add(&selector.macros, model_text("m"));
		for (size_t n = 0; n < length && *at != 'm'; n++)
			if (at[n] >= '0' && at[n] <= '9')
				model_filters_add(&selector.filters, (struct model_filter){
					.kind = MATCH_ARGS, .values = values_of(model_format("%c", at[n]).bytes),
					.op = model_operator_find(*at == '~' ? "NotEqual" : "Equal") });
		model_selectors_add(&hook.selectors, selector);
	}
	value_of(row->value, type, &event.arguments[0].value);
	verdict = evaluate(&policy, &hook, &event);
	tell(verdict.selector == row->want && verdict.unknown_before == row->unknown, row->section, row->says);
}

/* ---- What has two arguments, data or a return ---- */

static void pairs_and_returns(void)
{
	int set = model_type_find("kernel_cap_t"), integer = model_type_find("int");
	struct model_hook hook = { .arguments = { { { .index = 0, .type = set }, { .index = 2, .type = set } }, 2 },
				   .data = { { { .index = 0, .type = integer } }, 1 }, .return_type = integer };
	struct model_filter filter = { .kind = MATCH_ARGS, .op = model_operator_find("CapabilitiesGained"), .positions = { 0, 1 },
				       .position_count = 2 };
	struct model_filter data = { .kind = MATCH_DATA, .op = model_operator_find("Equal"), .values = values_of("5") };
	struct model_filter returned = { .kind = MATCH_RETURN_ARGS, .op = model_operator_find("LT"), .values = values_of("0") };
	struct model_selector selector = { .filters = { NULL, 0 } };
	const struct model_policy policy = { .name = model_text("p") };
	struct model_event event = { .argument_count = 2, .data_count = 1 };

	event.arguments[1].index = 2;
	value_of("1", set, &event.arguments[0].value);
	value_of("3", set, &event.arguments[1].value);
	tell_answer(evaluate_filter(&policy, &hook, &filter, &event), YES, "5.4", "CapabilitiesGained: the second has more");
	value_of("7", set, &event.arguments[0].value);
	tell_answer(evaluate_filter(&policy, &hook, &filter, &event), NO, "5.4", "CapabilitiesGained: it has less");
	value_of("!", set, &event.arguments[0].value);
	tell_answer(evaluate_filter(&policy, &hook, &filter, &event), UNKNOWN, "5.1", "CapabilitiesGained: one is unreadable");

	value_of("5", integer, &event.data[0]);
	tell_answer(evaluate_filter(&policy, &hook, &data, &event), YES, "2.9", "matchData: index is the position in data");
	value_of("-3", integer, &event.returned);
	model_filters_add(&selector.filters, returned);
	model_selectors_add(&hook.selectors, selector);
	tell(evaluate(&policy, &hook, &event).selector == 0, "5.1", "entry: all fields but matchReturnArgs");
	tell(evaluate(&policy, &hook, &event).returned == YES, "5.1", "return: matchReturnArgs");
	value_of("3", integer, &event.returned);
	tell(evaluate(&policy, &hook, &event).selector == 0, "5.1", "a return that does not match keeps no call from matching");
	tell(evaluate(&policy, &hook, &event).returned == NO, "5.1", "a return that does not match");
	value_of("!", integer, &event.returned);
	tell(evaluate(&policy, &hook, &event).returned == UNKNOWN, "5.1", "a return that could not be read");
}

int main(void)
{
	EACH(argument_rows, run_argument_row);
	EACH(expression_rows, run_expression_row);
	EACH(selector_rows, run_selector_row);
	pairs_and_returns();
	return tell_done();
}
