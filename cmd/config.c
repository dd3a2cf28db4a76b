// SPDX-License-Identifier: Apache-2.0
/* config.c - finding and reading .tetra.yaml; see config.h. */
#include "cmd/config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/report.h"
#include "cmd/verb.h"
#include "compiler/base/glob.h"

static bool exists(const char *folder, const char *name)
{
	struct buffer path = { 0 };
	struct stat status;
	bool there;

	buffer_format(&path, "%s/%s", folder, name);
	there = !stat(path.bytes, &status);
	buffer_release(&path);
	return there;
}

/* ---- Finding ---- */

static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	if (!strcmp(folder, "/"))
		return true;
	return !strncmp(path, folder, length) && (path[length] == '/' || !path[length]);
}

/* Absolute and without symbolic links; NULL when it cannot be had.  The caller frees. */
static char *folder_of(const char *operand)
{
	struct stat status;
	char *copy, *folder;

	if (!strcmp(operand, "-"))
		return realpath(".", NULL);
	if (!stat(operand, &status) && S_ISDIR(status.st_mode))
		return realpath(operand, NULL);
	copy = strdup(operand);
	if (!copy)
		abort();
	folder = realpath(dirname(copy), NULL);
	free(copy);
	return folder;
}

/* The folder above, in place; false at the root. */
static bool go_up(char *folder)
{
	char *slash = strrchr(folder, '/');

	if (!strcmp(folder, "/"))
		return false;
	slash[slash == folder] = '\0';
	return true;
}

/* The last folder to look in: see config.h. */
static char *boundary_of(const char *folder)
{
	char *up = strdup(folder), *current = realpath(".", NULL);

	if (!up)
		abort();
	do {
		if (exists(up, ".git")) {
			free(current);
			return up;
		}
	} while (go_up(up));
	free(up);
	if (current && is_below(folder, current))
		return current;
	free(current);
	return strdup(folder);
}

/* Path of the file, or NULL. */
static char *find(const char *operand)
{
	char *folder = folder_of(operand), *boundary = folder ? boundary_of(folder) : NULL;
	struct buffer path = { 0 };

	while (boundary && is_below(folder, boundary)) {
		if (exists(folder, CONFIG_NAME)) {
			buffer_format(&path, "%s/%s", strcmp(folder, "/") ? folder : "", CONFIG_NAME);
			break;
		}
		if (!go_up(folder))
			break;
	}
	free(folder);
	free(boundary);
	return path.bytes;
}

/* ---- Reading ---- */

/* At most one byte more than the limit.  Length, or -errno. */
static ssize_t read_text(const char *path, char *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t got = 1, length = 0;

	if (fd < 0)
		return -errno;
	while (got && length <= LIMIT_CONFIG_BYTES) {
		got = read(fd, text + length, (size_t)(LIMIT_CONFIG_BYTES + 1 - length));
		if (got < 0 && errno != EINTR) {
			length = -errno;
			break;
		}
		length += got > 0 ? got : 0;
	}
	close(fd);
	return length;
}

/* Text and its length; complaints are made here.  Returns enum exit_code. */
static int load(struct config *config, size_t *ret_length)
{
	struct stat status;
	ssize_t length;

	if (!stat(config->path, &status) && !S_ISREG(status.st_mode)) {
		complain("'%s' is not a regular file", config->path);
		return EXIT_SYSTEM;
	}
	config->text = malloc(LIMIT_CONFIG_BYTES + 1);
	if (!config->text)
		abort();
	length = read_text(config->path, config->text);
	if (length < 0) {
		complain("cannot read '%s': %s", config->path, strerror((int)-length));
		return EXIT_SYSTEM;
	}
	if (length > LIMIT_CONFIG_BYTES) {
		complain("'%s' is larger than %d KiB, the most that a configuration may have", config->path,
			LIMIT_CONFIG_BYTES >> 10);
		return EXIT_USAGE;
	}
	*ret_length = (size_t)length;
	return EXIT_FINE;
}

/* The name as a user would write it: relative when it is below the current folder. */
static const char *shown_name(const char *path)
{
	char *current = realpath(".", NULL);
	size_t length = current ? strlen(current) : 0;
	bool below = current && length > 1 && is_below(path, current) && path[length] == '/';

	free(current);
	return below ? path + length + 1 : path;
}

static int parse(struct config *config, size_t length)
{
	struct source source = { shown_name(config->path), config->text, length };
	struct diagnostics diagnostics;
	int failed;

	diagnostics_init(&diagnostics, &config->arena);
	failed = settings_read(&source, REPORT_FORMATS, &config->arena, &diagnostics, &config->settings);
	report_text(&diagnostics, stderr, COLOUR_AUTO);
	if (failed)
		complain("the configuration '%s' is not valid", source.name);
	return failed ? EXIT_USAGE : EXIT_FINE;
}

static int set_folder(struct config *config)
{
	char *copy = realpath(config->path, NULL);

	if (!copy) {
		complain("cannot read '%s': %s", config->path, strerror(errno));
		return EXIT_SYSTEM;
	}
	config->folder = strdup(dirname(copy));
	free(copy);
	if (!config->folder)
		abort();
	return EXIT_FINE;
}

void config_init(struct config *ret)
{
	*ret = (struct config){ 0 };
	settings_init(&ret->settings);
}

int config_read(const char *file, const char *first_operand, struct config *ret)
{
	size_t length = 0;
	int code;

	config_init(ret);
	ret->path = file ? strdup(file) : find(first_operand);
	if (!ret->path)
		return EXIT_FINE;
	code = load(ret, &length);
	if (code == EXIT_FINE)
		code = set_folder(ret);
	return code == EXIT_FINE ? parse(ret, length) : code;
}

void config_release(struct config *config)
{
	free(config->path);
	free(config->folder);
	free(config->text);
	arena_release(&config->arena);
	*config = (struct config){ 0 };
}

/* ---- Excluded files ---- */

static bool matches_any(const struct config *config, const char *path)
{
	for (size_t i = 0; i < config->settings.exclude_count; i++)
		if (glob_matches(config->settings.excludes[i], path))
			return true;
	return false;
}

/* A link at the end of the path is not followed: patterns are for the names that people see.  The caller frees. */
static char *absolute_of(const char *path)
{
	char *for_folder = strdup(path), *for_name = strdup(path), *folder;
	struct buffer absolute = { 0 };

	if (!for_folder || !for_name)
		abort();
	folder = realpath(dirname(for_folder), NULL);
	if (folder)
		buffer_format(&absolute, "%s/%s", strcmp(folder, "/") ? folder : "", basename(for_name));
	free(folder);
	free(for_folder);
	free(for_name);
	return absolute.bytes;
}

bool config_excludes(const struct config *config, const char *path)
{
	char *absolute = config->settings.exclude_count ? absolute_of(path) : NULL;
	size_t length;
	bool excluded;

	if (!absolute)
		return false;
	length = strcmp(config->folder, "/") ? strlen(config->folder) : 0;
	excluded = is_below(absolute, config->folder) && absolute[length] && matches_any(config, absolute + length + 1);
	free(absolute);
	return excluded;
}
