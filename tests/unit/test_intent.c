// SPDX-License-Identifier: Apache-2.0
/* test_intent.c - the enums of intent.h have the words of kinds.def in their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/policy/intent.h"

static void words_have_their_numbers(void **state)
{
	static const struct { enum field_kind kind; const char *word; int number; } rows[] = {
		{ KIND_INTENT_MODE, "monitor", INTENT_MONITOR }, { KIND_INTENT_MODE, "enforce", INTENT_ENFORCE },
		{ KIND_INTENT_LSM, "require", INTENT_LSM_REQUIRE }, { KIND_INTENT_LSM, "avoid", INTENT_LSM_AVOID },
		{ KIND_INTENT_LSM, "auto", INTENT_LSM_AUTO }, { KIND_INTENT_ARCHS, "amd64", INTENT_AMD64 }, { KIND_INTENT_ARCHS, "arm64", INTENT_ARM64 },
		{ KIND_INTENT_UNSUPPORTED, "error", INTENT_REFUSE }, { KIND_INTENT_UNSUPPORTED, "weaken", INTENT_WEAKEN },
		{ KIND_INTENT_UNSUPPORTED, "drop", INTENT_DROP },
		{ KIND_INTENT_EFFECT, "audit", INTENT_AUDIT }, { KIND_INTENT_EFFECT, "deny", INTENT_DENY },
		{ KIND_INTENT_EFFECT, "kill", INTENT_KILL }, { KIND_INTENT_EFFECT, "allowOnly", INTENT_ALLOW_ONLY },
		{ KIND_INTENT_HOST, "include", INTENT_HOST_INCLUDE }, { KIND_INTENT_HOST, "only", INTENT_HOST_ONLY },
		{ KIND_INTENT_HOST, "exclude", INTENT_HOST_EXCLUDE }, { KIND_INTENT_SETID, "any", INTENT_SETID_ANY },
		{ KIND_INTENT_SETID, "only", INTENT_SETID_ONLY }, { KIND_INTENT_SETID, "exclude", INTENT_SETID_EXCLUDE },
		{ KIND_INTENT_FILE_OPS, "read", INTENT_READ }, { KIND_INTENT_FILE_OPS, "write", INTENT_WRITE },
		{ KIND_INTENT_FILE_OPS, "exec", INTENT_EXEC }, { KIND_INTENT_FILE_OPS, "mmapExec", INTENT_MMAP_EXEC },
		{ KIND_INTENT_FILE_OPS, "create", INTENT_CREATE }, { KIND_INTENT_FILE_OPS, "delete", INTENT_DELETE },
		{ KIND_INTENT_FILE_OPS, "rename", INTENT_RENAME }, { KIND_INTENT_FILE_OPS, "link", INTENT_LINK },
		{ KIND_INTENT_FILE_OPS, "chmod", INTENT_CHMOD }, { KIND_INTENT_FILE_OPS, "chown", INTENT_CHOWN },
		{ KIND_INTENT_FILE_OPS, "truncate", INTENT_TRUNCATE },
		{ KIND_INTENT_FILE_TYPES, "reg", INTENT_REGULAR }, { KIND_INTENT_FILE_TYPES, "dir", INTENT_FOLDER },
		{ KIND_INTENT_FILE_TYPES, "link", INTENT_SYMLINK }, { KIND_INTENT_FILE_TYPES, "sock", INTENT_SOCKET },
		{ KIND_INTENT_FILE_TYPES, "fifo", INTENT_PIPE }, { KIND_INTENT_FILE_TYPES, "chr", INTENT_CHARACTERS },
		{ KIND_INTENT_FILE_TYPES, "blk", INTENT_BLOCKS },
		/* those that stand beside what reads them are told by their places */
		{ KIND_INTENT_NETWORK_OPS, "connect", 0 }, { KIND_INTENT_NETWORK_OPS, "bind", 1 }, { KIND_INTENT_NETWORK_OPS, "listen", 2 },
		{ KIND_INTENT_PROTOCOLS, "tcp", 0 }, { KIND_INTENT_PROTOCOLS, "udp", 1 }, { KIND_INTENT_PROTOCOLS, "raw", 2 },
		{ KIND_INTENT_PROTOCOLS, "icmp", 3 }, { KIND_INTENT_FAMILIES, "ipv4", 0 }, { KIND_INTENT_FAMILIES, "ipv6", 1 },
		{ KIND_INTENT_UNIX_OPS, "connect", 0 }, { KIND_INTENT_UNIX_OPS, "bind", 1 }, { KIND_INTENT_UNIX_OPS, "send", 2 },
		{ KIND_INTENT_CAPABILITY_OPS, "use", 0 }, { KIND_INTENT_CAPABILITY_OPS, "gain", 1 },
		{ KIND_INTENT_MODULE_OPS, "load", 0 }, { KIND_INTENT_MODULE_OPS, "autoload", 1 }, { KIND_INTENT_MODULE_OPS, "unload", 2 },
		{ KIND_INTENT_PTRACE_OPS, "attach", 0 }, { KIND_INTENT_PTRACE_OPS, "read", 1 }, { KIND_INTENT_PTRACE_OPS, "traceme", 2 },
		{ KIND_INTENT_CHANGES, "uid", 0 }, { KIND_INTENT_CHANGES, "gid", 1 }, { KIND_INTENT_CHANGES, "caps", 2 },
		{ KIND_INTENT_NAMESPACE_OPS, "create", 0 }, { KIND_INTENT_NAMESPACE_OPS, "enter", 1 },
		{ KIND_INTENT_NAMESPACE_TYPES, "user", 0 }, { KIND_INTENT_MOUNT_OPS, "mount", 0 }, { KIND_INTENT_MOUNT_OPS, "move", 1 },
		{ KIND_INTENT_MOUNT_OPS, "umount", 2 }, { KIND_INTENT_MOUNT_OPS, "pivotRoot", 3 },
		{ KIND_INTENT_INTERPRETERS, "ignore", 1 }, { KIND_INTENT_LOOPBACK, "match", 1 }, { KIND_INTENT_EVENT, "none", 1 },
		{ KIND_INTENT_STACK, "kernel", 1 }, { KIND_INTENT_STACK, "user", 2 }, { KIND_INTENT_STACK, "both", 3 },
		{ KIND_INTENT_RATE_SCOPE, "thread", 0 }, { KIND_INTENT_RATE_SCOPE, "process", 1 }, { KIND_INTENT_RATE_SCOPE, "global", 2 },
		{ KIND_INTENT_DRAFT_ACTION, "Block", 1 }, { KIND_INTENT_DRAFT_PATTERN, "Full", 0 }, { KIND_INTENT_DRAFT_PATTERN, "Prefix", 1 },
		{ KIND_INTENT_DRAFT_PATTERN, "Postfix", 2 }, { KIND_INTENT_DRAFT_OPERATOR, "NotIn", 1 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++)
		if (words_find(kind_rows[rows[n].kind].words, rows[n].word, strlen(rows[n].word)) != rows[n].number)
			fail_msg("'%s' is not word %d of its kind", rows[n].word, rows[n].number);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(words_have_their_numbers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
