// SPDX-License-Identifier: Apache-2.0
/* ids.c - what names rules; see rule.h. */
#include <string.h>

#include "compiler/intent/rule.h"

/* Behind tags and labels there are more bytes: "ID/except". */
enum { ID_BYTES = 63 };

static bool is_id(const struct text *id)
{
	for (size_t n = 0; n < id->length; n++) {
		const char c = id->bytes[n];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && n && n + 1 < id->length)))
			return false;
	}
	return id->length && id->length <= ID_BYTES;
}

static void check_one(const struct intent_rule *rule, struct diagnostics *diagnostics)
{
	if (!rule->id.bytes) {
		diag(diagnostics, DIAG_INTENT_ID, rule->at, "the rule has no 'id'");
		diag_help(diagnostics, "events and tests name a rule by it: id: no-shells");
	} else if (!is_id(&rule->id)) {
		diag(diagnostics, DIAG_INTENT_ID, rule->id.at, "'%.64s' is no id of a rule", rule->id.bytes);
		diag_help(diagnostics, "lower-case letters, digits and - between them, at most %d", ID_BYTES);
	}
}

bool ids_check(const struct intent *intent, struct diagnostics *diagnostics)
{
	const struct intent_rule_list *rules = &intent->rules;
	const size_t errors = diagnostics->errors;

	for (size_t n = 0; n < rules->count; n++) {
		check_one(&rules->items[n], diagnostics);
		for (size_t i = 0; i < n && rules->items[n].id.bytes; i++) {
			if (!rules->items[i].id.bytes || strcmp(rules->items[i].id.bytes, rules->items[n].id.bytes))
				continue;
			diag(diagnostics, DIAG_INTENT_ID, rules->items[n].id.at, "there are two rules '%.64s'", rules->items[n].id.bytes);
			diag_related(diagnostics, rules->items[i].id.at, "first defined here");
			break;
		}
	}
	return diagnostics->errors == errors;
}
