// SPDX-License-Identifier: Apache-2.0
/* print_policy.c - policies as YAML; see print.h. */
#include <inttypes.h>
#include <string.h>

#include "tests/reference/print.h"

/* ---- Texts ---- */

static void print_yaml_text(FILE *out, struct model_text text)
{
	print_quoted(out, text, "\\x%02x");
}

static void print_list(FILE *out, const struct model_texts *texts)
{
	fputc('[', out);
	for (size_t n = 0; n < texts->count; n++) {
		fputs(n ? ", " : "", out);
		print_yaml_text(out, texts->items[n]);
	}
	fputc(']', out);
}

/* ---- Expressions ---- */

static const char *const infix[] = {
	[WORD_ALL] = "&&", [WORD_ANY] = "||", [WORD_EQUAL] = "==", [WORD_UNEQUAL] = "!=", [WORD_LESS] = "<",
	[WORD_LESS_EQUAL] = "<=", [WORD_GREATER] = ">", [WORD_GREATER_EQUAL] = ">=", [WORD_ADD] = "+", [WORD_SUBTRACT] = "-",
};
static const char *const functions[] = {
	[WORD_AND] = "and", [WORD_OR] = "or", [WORD_XOR] = "xor", [WORD_INVERT] = "not", [WORD_NOT] = "!",
};

/* Numbers of 32 bits have no literals: they are cast. */
static void print_number(FILE *out, const struct model_expression *e)
{
	switch (e->type) {
	case NUMBER_INT32:
		fprintf(out, "int32(%" PRId32 ")", (int32_t)e->number);
		break;
	case NUMBER_UINT32:
		fprintf(out, "uint32(%" PRIu32 "u)", (uint32_t)e->number);
		break;
	case NUMBER_INT64:
		fprintf(out, "%" PRId64, (int64_t)e->number);
		break;
	case NUMBER_UINT64:
		fprintf(out, "%" PRIu64 "u", e->number);
		break;
	}
}

static void print_expression(FILE *out, const struct model_expression *e)
{
	switch (e->word) {
	case WORD_TRUTH:
		fputs(e->number ? "true" : "false", out);
		break;
	case WORD_NUMBER:
		print_number(out, e);
		break;
	case WORD_ARGUMENT:
		fprintf(out, "arg%" PRIu64, e->number);
		break;
	case WORD_CAST:
	case WORD_AND:
	case WORD_OR:
	case WORD_XOR:
	case WORD_INVERT:
	case WORD_NOT:
		fprintf(out, "%s(", e->word == WORD_CAST ? e->type == NUMBER_INT32 ? "int32" : "uint32" : functions[e->word]);
		print_expression(out, e->left);
		if (e->right) {
			fputs(", ", out);
			print_expression(out, e->right);
		}
		fputc(')', out);
		break;
	default:
		fputc('(', out);
		print_expression(out, e->left);
		fprintf(out, " %s ", infix[e->word]);
		print_expression(out, e->right);
		fputc(')', out);
		break;
	}
}

/* ---- Label selectors ---- */

static void print_requirement(FILE *out, const struct model_requirement *requirement)
{
	static const char *const names[] = { "In", "NotIn", "Exists", "DoesNotExist" };

	fputs("{key: ", out);
	print_yaml_text(out, requirement->key);
	fprintf(out, ", operator: %s", names[requirement->op]);
	if (requirement->values.count) {
		fputs(", values: ", out);
		print_list(out, &requirement->values);
	}
	fputc('}', out);
}

static void print_label_selector(FILE *out, const struct model_label_selector *selector)
{
	size_t labels = 0, expressions = 0;

	fputc('{', out);
	for (size_t n = 0; n < selector->count; n++)
		if (selector->items[n].in_labels) {
			fputs(labels++ ? ", " : "matchLabels: {", out);
			print_yaml_text(out, selector->items[n].key);
			fputs(": ", out);
			print_yaml_text(out, selector->items[n].values.items[0]);
		}
	fputs(labels ? "}" : "", out);
	for (size_t n = 0; n < selector->count; n++)
		if (!selector->items[n].in_labels) {
			fputs(expressions++ ? ", " : labels ? ", matchExpressions: [" : "matchExpressions: [", out);
			print_requirement(out, &selector->items[n]);
		}
	fputs(expressions ? "]}" : "}", out);
}

/* Each on a line, behind `before`; or, without it, one behind the other. */
static void print_workloads(FILE *out, const struct model_workloads *workloads, const char *before)
{
	const struct { const char *key; const struct model_label_selector *selector; } parts[] = {
		{ "podSelector", workloads->pod }, { "containerSelector", workloads->container },
		{ "hostSelector", workloads->host },
	};
	const char *between = "";

	for (size_t n = 0; n < 3; n++) {
		if (!parts[n].selector)
			continue;
		fprintf(out, "%s%s: ", before ? before : between, parts[n].key);
		print_label_selector(out, parts[n].selector);
		fputs(before ? "\n" : "", out);
		between = ", ";
	}
}

/* ---- Filters ---- */

static bool has_values(const struct model_filter *filter)
{
	enum model_test test = model_operators[filter->op].test;

	return test != TEST_GAINED && test != TEST_PRIVILEGED;
}

/* Process ids are numbers, all other values strings. */
static void print_values(FILE *out, const struct model_filter *filter)
{
	if (filter->expression) {
		fputs(", values: ['", out);
		print_expression(out, filter->expression);
		fputs("']", out);
	} else if (filter->kind == MATCH_PIDS) {
		for (size_t n = 0; n < filter->values.count; n++)
			fprintf(out, "%s%s", n ? ", " : ", values: [", filter->values.items[n].bytes);
		fputc(']', out);
	} else if (has_values(filter)) {
		fputs(", values: ", out);
		print_list(out, &filter->values);
	}
}

/* What stands before the operator, by kind. */
static void print_subject(FILE *out, const struct model_filter *filter)
{
	switch (filter->kind) {
	case MATCH_ARGS:
		if (filter->position_count == 1)
			fprintf(out, "args: [%u], ", filter->positions[0]);
		else if (filter->position_count)
			fprintf(out, "args: [%u, %u], ", filter->positions[0], filter->positions[1]);
		else if (!filter->expression)
			fprintf(out, "index: %u, ", filter->index);
		break;
	case MATCH_DATA:
	case MATCH_RETURN_ARGS:
		fprintf(out, "index: %u, ", filter->index);
		break;
	case MATCH_NAMESPACES:
		fprintf(out, "namespace: %s, ", model_namespaces[filter->name]);
		break;
	case MATCH_CAPABILITIES:
	case MATCH_CAPABILITY_CHANGES:
		fprintf(out, "type: %s, ", model_capability_sets[filter->name]);
		break;
	default:
		break;
	}
}

static void print_filter(FILE *out, const struct model_filter *filter)
{
	bool of_pid = filter->kind == MATCH_PIDS;

	fputc('{', out);
	print_subject(out, filter);
	fprintf(out, "operator: %s", model_operators[filter->op].name);
	if (filter->in_namespace)
		fputs(of_pid ? ", isNamespacePID: true" : ", isNamespaceCapability: true", out);
	if (filter->follow)
		fputs(of_pid ? ", followForks: true" : ", followChildren: true", out);
	print_values(out, filter);
	fputc('}', out);
}

/* All filters of a kind, as one list; whether there are any. */
static bool print_filters_of(FILE *out, const struct model_filters *filters, enum model_filter_kind kind, const char *before)
{
	size_t count = 0;

	for (size_t n = 0; n < filters->count; n++) {
		if (filters->items[n].kind != kind)
			continue;
		if (kind == MATCH_WORKLOADS) {
			fprintf(out, "%s%s: {", before, model_filter_names[kind]);
			print_workloads(out, filters->items[n].workloads, NULL);
			fputs("}\n", out);
			return true;
		}
		if (count++)
			fputs(",\n         ", out);
		else
			fprintf(out, "%s%s: [", before, model_filter_names[kind]);
		print_filter(out, &filters->items[n]);
	}
	fputs(count ? "]\n" : "", out);
	return count;
}

/* Returns what the next line begins with. */
static const char *print_filters(FILE *out, const struct model_filters *filters, const char *first, const char *next)
{
	for (int kind = 0; kind < MODEL_FILTER_KINDS; kind++)
		if (print_filters_of(out, filters, (enum model_filter_kind)kind, first))
			first = next;
	return first;
}

static void print_selector(FILE *out, const struct model_selector *selector)
{
	const char *first = "    - ", *next = "      ";

	first = print_filters(out, &selector->filters, first, next);
	if (selector->macros.count) {
		fprintf(out, "%smacros: ", first);
		print_list(out, &selector->macros);
		fputc('\n', out);
		first = next;
	}
	if (selector->actions.count) {
		fprintf(out, "%smatchActions: [", first);
		for (size_t n = 0; n < selector->actions.count; n++)
			fprintf(out, "%s%s", n ? ", " : "", selector->actions.items[n].bytes);
		fputs("]\n", out);
		first = next;
	}
	if (first != next)
		fputs("    - {}\n", out);
}

/* ---- Hooks and policies ---- */

static void print_argument(FILE *out, const struct model_argument *argument)
{
	const char *type = model_types[argument->type].name;

	fprintf(out, "{index: %u, type: \"%s\"", argument->index, type);
	if (!strcmp(type, "char_buf") || !strcmp(type, "char_iovec"))
		fputs(", sizeArgIndex: 5", out);
	if (argument->source)
		fprintf(out, ", source: %s, resolve: \"%s\"", argument->source, argument->resolve);
	fputc('}', out);
}

static void print_arguments(FILE *out, const struct model_arguments *arguments, const char *key)
{
	if (!arguments->count)
		return;
	fprintf(out, "    %s: [", key);
	for (size_t n = 0; n < arguments->count; n++) {
		fputs(n ? ", " : "", out);
		print_argument(out, &arguments->items[n]);
	}
	fputs("]\n", out);
}

static void print_hook_name(FILE *out, const struct model_hook *hook)
{
	static const char *const forms[MODEL_HOOK_KINDS] = {
		[MODEL_KPROBE] = "  - call: \"%s\"\n", [MODEL_FENTRY] = "  - call: \"%s\"\n",
		[MODEL_TRACEPOINT] = "  - event: \"%s\"\n    subsystem: \"%s\"\n",
		[MODEL_RAW_TRACEPOINT] = "  - event: \"%s\"\n    subsystem: \"%s\"\n    raw: true\n",
		[MODEL_UPROBE] = "  - symbols: [\"%s\"]\n    path: \"%s\"\n",
		[MODEL_USDT] = "  - name: \"%s\"\n    provider: \"%s\"\n    path: \"/usr/bin/app\"\n",
		[MODEL_LSM] = "  - hook: \"%s\"\n",
	};

	fprintf(out, forms[hook->kind], hook->name, hook->subsystem);
	if (hook->kind == MODEL_KPROBE || hook->kind == MODEL_FENTRY)
		fprintf(out, "    syscall: %s\n", hook->syscall ? "true" : "false");
}

static void print_hook(FILE *out, const struct model_hook *hook)
{
	print_hook_name(out, hook);
	print_arguments(out, &hook->arguments, "args");
	print_arguments(out, &hook->data, "data");
	if (hook->return_type >= 0)
		fprintf(out, "    return: true\n    returnArg: {index: %u, type: \"%s\"}\n", hook->return_index,
			model_types[hook->return_type].name);
	if (hook->selectors.count)
		fputs("    selectors:\n", out);
	for (size_t n = 0; n < hook->selectors.count; n++)
		print_selector(out, &hook->selectors.items[n]);
}

static void print_macros(FILE *out, const struct model_policy *policy)
{
	if (policy->macros.count)
		fputs("  selectorsMacros:\n", out);
	for (size_t n = 0; n < policy->macros.count; n++) {
		fputs("    ", out);
		print_yaml_text(out, policy->macros.items[n].name);
		fputs(":\n", out);
		print_filters(out, &policy->macros.items[n].filters, "      ", "      ");
	}
}

void print_policy(FILE *out, const struct model_policy *policy)
{
	fprintf(out, "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy%s\nmetadata:\n  name: \"%s\"\n",
		policy->name_space.bytes ? "Namespaced" : "", policy->name.bytes);
	if (policy->name_space.bytes)
		fprintf(out, "  namespace: \"%s\"\n", policy->name_space.bytes);
	fputs("spec:\n", out);
	print_workloads(out, &policy->workloads, "  ");
	print_macros(out, policy);
	for (size_t n = 0; n < policy->hooks.count; n++) {
		const struct model_hook *hook = &policy->hooks.items[n];

		if (!n)
			fprintf(out, "  %s:\n", model_hooks[hook->kind].section);
		print_hook(out, hook);
	}
}
