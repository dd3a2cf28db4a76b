// SPDX-License-Identifier: Apache-2.0
/* built.c - see built.h. */
#include "tests/unit/built.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "compiler/selector/dump.h"

void assert_same_again(const struct ir_policy *before, const struct buffer *object)
{
	struct buffer again = { 0 }, first = { 0 }, second = { 0 };
	struct arena arena = { 0 };
	struct ir_policy policy;
	char message[256] = "";

	if (object_read(object->bytes, object->length, &arena, &policy, message))
		fail_msg("%s: %s", before->name.bytes, message);
	ir_dump_policy(before, &first);
	ir_dump_policy(&policy, &second);
	assert_string_equal(first.bytes, second.bytes);
	buffer_release(&first);
	buffer_release(&second);
	assert_int_equal(object_write(&policy, &again), 0);
	assert_int_equal(again.length, object->length);
	assert_memory_equal(again.bytes, object->bytes, object->length);
	buffer_release(&again);
	arena_release(&arena);
}
