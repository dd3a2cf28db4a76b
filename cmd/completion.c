// SPDX-License-Identifier: Apache-2.0
/* completion.c - `tetra completion`: the script of a shell.  What is offered is __complete's, in completion_words.c. */
#include <stdio.h>
#include <string.h>

#include "cmd/verb.h"

extern const struct verb verb_completion;

/* cmd/completion/, as strings. */
static const struct {
	const char *shell, *script;
} scripts[] = {
	{ "bash",
#include "cmd/completion/tetra.bash.h"
	},
	{ "zsh",
#include "cmd/completion/tetra.zsh.h"
	},
	{ "fish",
#include "cmd/completion/tetra.fish.h"
	},
};

static int completion_run(int count, char **operands)
{
	if (count != 1) {
		complain("takes the name of a shell: %s", verb_completion.operands);
		return EXIT_USAGE;
	}
	for (size_t n = 0; n < sizeof(scripts) / sizeof(*scripts); n++)
		if (!strcmp(scripts[n].shell, operands[0])) {
			fputs(scripts[n].script, stdout);
			return EXIT_FINE;
		}
	complain("there is no script for '%s', only for %s", operands[0], verb_completion.operands);
	return EXIT_USAGE;
}

static const struct note completion_examples[] = {
	{ "source <(tetra completion bash)", "completion in this bash; with the same line in ~/.bashrc, in every one" },
	{ "tetra completion zsh >\"${fpath[1]}/_tetra\"", "for zsh, when its compinit runs next" },
	{ "tetra completion fish >~/.config/fish/completions/tetra.fish", "for fish, at once" },
	NOTES_END
};

const struct verb verb_completion = {
	.name = "completion", .operands = "bash|zsh|fish", .takes = WORD_CHOICE,
	.summary = "print a script with which a shell completes tetra's words",
	.details = "The script asks tetra itself: verbs, options and their values, diagnostics, words of the language, and the\n"
		   "policies that the kernel runs where they may be read. 'make install' has put it where shells look.",
	.examples = completion_examples, .run = completion_run,
};
