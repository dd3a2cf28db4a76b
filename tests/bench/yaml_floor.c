// SPDX-License-Identifier: Apache-2.0
/* yaml_floor.c - the least that any reader of YAML pays: libyaml's events of all files, nothing kept. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

static int scan(const char *path)
{
	FILE *file = fopen(path, "rb");
	yaml_parser_t parser;
	yaml_event_t event;
	int done = 0, failed = 0;

	if (!file || !yaml_parser_initialize(&parser))
		return 1;
	yaml_parser_set_input_file(&parser, file);
	while (!done) {
		if (!yaml_parser_parse(&parser, &event)) {
			failed = 1;
			break;
		}
		done = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	fclose(file);
	return failed;
}

int main(int argc, char **argv)
{
	char path[4096];
	struct dirent *entry;
	int failed = 0;
	DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;

	if (!directory)
		return 2;
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
			failed |= scan(path);
		}
	closedir(directory);
	return failed;
}
