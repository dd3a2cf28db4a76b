// SPDX-License-Identifier: Apache-2.0
/* pins.c - the folder under bpffs: its names, its permissions, its locks; see pins.h. */
#include "runtime/pins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "runtime/filesystems.h"

#define LOCK_WAIT_SECONDS 5

static const char *const folders[PIN_FOLDER_COUNT] = { "maps", "programs", "links" };

int fail(struct failure *failure, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(failure->text, sizeof(failure->text), format, arguments);
	va_end(arguments);
	return error;
}

/* ---- The root ---- */

static int set_root(struct pins *pins, const char *root, struct failure *failure)
{
	size_t length;

	pins->lock = -1;
	root = root ? root : PINS_ROOT_DEFAULT;
	length = strlen(root);
	while (length > 1 && root[length - 1] == '/')
		length--;
	if (!length || length >= sizeof(pins->root) || *root != '/')
		return fail(failure, -ENOTDIR, "the pin folder '%s' is not an absolute path of at most %zu bytes", root,
			sizeof(pins->root) - 1);
	memcpy(pins->root, root, length);
	pins->root[length] = 0;
	return 0;
}

/* Whoever can write a folder can put another one in the place of what lies in it; where it is sticky, only of what is theirs. */
static int check_folder_above(const char *folder, const struct pins *pins, struct failure *failure)
{
	struct stat status;

	if (lstat(folder, &status))
		return fail(failure, -errno, "cannot look at '%s': %s", folder, strerror(errno));
	if (!status.st_uid && (!(status.st_mode & 022) || status.st_mode & S_ISVTX))
		return 0;
	return fail(failure, -EPERM, "the folder '%s', in which the pin folder '%s' lies, can be written by others than root; "
		"chown root and chmod go-w it, or choose another with --root", folder, pins->root);
}

/* From here on the root is where it really is: no link on the way can lead elsewhere later.  -ENOENT when what it lies in is not there. */
static int resolve_root(struct pins *pins, struct failure *failure)
{
	char above[sizeof(pins->root)], real[PATH_MAX], root[sizeof(pins->root)];
	const char *name = strrchr(pins->root, '/') + 1;
	int length;

	snprintf(above, sizeof(above), "%.*s", (int)(name - pins->root), pins->root);
	if (!realpath(above, real))
		return errno == ENOENT ? -ENOENT : fail(failure, -errno, "cannot look into '%s': %s%s", above, strerror(errno),
			errno == EACCES ? "; run as root" : "");
	length = snprintf(root, sizeof(root), "%s/%s", strcmp(real, "/") ? real : "", name);
	if (!strcmp(name, ".") || !strcmp(name, "..") || length < 0 || (size_t)length >= sizeof(root))
		return fail(failure, -ENOTDIR, "the pin folder '%s' has no name that could be used", pins->root);
	strcpy(pins->root, root);
	return 0;
}

/* Every folder on the way to the root. */
static int check_above(struct pins *pins, struct failure *failure)
{
	char folder[sizeof(pins->root)];
	int error = resolve_root(pins, failure);

	strcpy(folder, pins->root);
	while (!error && strcmp(folder, "/")) {
		char *slash = strrchr(folder, '/');

		slash[slash == folder] = 0;
		error = check_folder_above(folder, pins, failure);
	}
	return error;
}

static int check_root(const struct pins *pins, struct failure *failure)
{
	struct stat status;
	int held;

	if (lstat(pins->root, &status)) {
		if (errno == ENOENT)
			return -ENOENT;
		return fail(failure, -errno, errno == EACCES ?
			"cannot look into '%s': %s; run as root" : "cannot look into '%s': %s",
			pins->root, strerror(errno));
	}
	if (!S_ISDIR(status.st_mode))
		return fail(failure, -ENOTDIR, "the pin folder '%s' is not a directory", pins->root);
	if (status.st_uid || status.st_mode & 022)
		return fail(failure, -EPERM, "the pin folder '%s' can be written by others than root; "
			"chown root and chmod 0700 it, or choose another with --root", pins->root);
	held = bpffs_holds(pins->root);
	if (held <= 0)
		return fail(failure, held ? held : -ENOTDIR, "the pin folder '%s' is not on a bpf file system; "
			"choose one below /sys/fs/bpf", pins->root);
	return 0;
}

/* The default root's file system is mounted when it is missing; others are the caller's business. */
static int ensure_file_system(const struct pins *pins, struct failure *failure)
{
	char parent[sizeof(pins->root)];
	char *slash;
	int error;

	strcpy(parent, pins->root);
	slash = strrchr(parent, '/');
	slash[slash == parent] = 0;
	if (!strncmp(pins->root, "/sys/fs/bpf/", 12)) {
		error = bpffs_ensure("/sys/fs/bpf");
		if (error)
			return fail(failure, error, "cannot mount a bpf file system on /sys/fs/bpf: %s%s",
				strerror(-error), error == -EPERM ? "; run as root" : "");
	}
	error = bpffs_holds(parent);
	if (error < 0)
		return fail(failure, error, "cannot make the pin folder '%s': %s", pins->root, strerror(-error));
	return error ? 0 : fail(failure, -ENOTDIR, "the pin folder '%s' would not be on a bpf file system; "
		"choose one below /sys/fs/bpf", pins->root);
}

/* bpffs keeps names with a dot for itself and answers EPERM: bpf_lookup() in kernel/bpf/inode.c. */
static int make_folder(const char *path, struct failure *failure)
{
	int error;

	if (!mkdir(path, 0700) || errno == EEXIST)
		return 0;
	error = -errno;
	return fail(failure, error, "cannot make the folder '%s': %s%s", path, strerror(-error),
		    error == -EPERM && strchr(strrchr(path, '/'), '.') ?
		    "; a bpf file system takes no names with a dot" : "");
}

static void folder_path(const struct pins *pins, enum pin_folder folder, const char *name, char *ret,
			size_t size)
{
	snprintf(ret, size, "%s/%s%s%s", pins->root, folders[folder], name ? "/" : "", name ? name : "");
}

static int make_folders(const struct pins *pins, struct failure *failure)
{
	char path[512];
	int error = 0;

	for (int i = 0; i < PIN_FOLDER_COUNT && !error; i++) {
		folder_path(pins, (enum pin_folder)i, NULL, path, sizeof(path));
		error = make_folder(path, failure);
	}
	return error;
}

/* ---- The lock ---- */

/* Of /proc/locks: "1: FLOCK  ADVISORY  WRITE 123 00:1f:4567 0 EOF". */
static int lock_owner(const struct stat *status)
{
	FILE *locks = fopen("/proc/locks", "re");
	char line[256], kind[16];
	int owner = 0, found = 0;
	unsigned int major, minor;
	unsigned long inode;

	while (locks && !found && fgets(line, sizeof(line), locks))
		if (sscanf(line, "%*d: %15s %*s WRITE %d %x:%x:%lu", kind, &owner, &major, &minor, &inode) == 5 &&
		    !strcmp(kind, "FLOCK") && inode == status->st_ino && minor == minor(status->st_dev) &&
		    major == major(status->st_dev))
			found = owner;
	if (locks)
		fclose(locks);
	return found;
}

static void describe_owner(int fd, char *ret, size_t size)
{
	struct stat status;
	char path[64], command[64];
	int owner = fstat(fd, &status) ? 0 : lock_owner(&status), length;

	snprintf(path, sizeof(path), "/proc/%d/comm", owner);
	length = owner ? read_small_file(AT_FDCWD, path, command, sizeof(command)) : -1;
	if (length > 0)
		snprintf(ret, size, "process %d (%.*s)", owner, length - 1, command);
	else
		snprintf(ret, size, "another process");
}

/* Descriptor that holds the lock of a folder. */
static int lock_folder(const char *path, int seconds, const char *what, struct failure *failure)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char owner[128];

	if (fd < 0)
		return fail(failure, -errno, "cannot open '%s': %s", path, strerror(errno));
	for (int tries = seconds * 20; flock(fd, LOCK_EX | LOCK_NB); tries--) {
		if (tries <= 0) {
			describe_owner(fd, owner, sizeof(owner));
			close(fd);
			return fail(failure, -EBUSY, "%s %s '%s'", owner, what, path);
		}
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	}
	return fd;
}

/* The folder may have been deleted while we waited: then its lock is worth nothing. */
static int lock_root(struct pins *pins, struct failure *failure)
{
	struct stat locked, now;

	pins->lock = lock_folder(pins->root, LOCK_WAIT_SECONDS, "is changing", failure);
	if (pins->lock < 0)
		return pins->lock;
	if (!fstat(pins->lock, &locked) && !lstat(pins->root, &now) && locked.st_ino == now.st_ino)
		return 0;
	pins_close(pins);
	return fail(failure, -EBUSY, "the pin folder '%s' was deleted meanwhile; try again", pins->root);
}

/* ---- Opening ---- */

int pins_open(struct pins *pins, const char *root, struct failure *failure)
{
	int error = set_root(pins, root, failure);

	if (!error)
		error = check_above(pins, failure);
	return error ? error : check_root(pins, failure);
}

int pins_open_to_delete(struct pins *pins, const char *root, struct failure *failure)
{
	int error = pins_open(pins, root, failure);

	return error ? error : lock_root(pins, failure);
}

int pins_open_to_write(struct pins *pins, const char *root, struct failure *failure)
{
	int error = set_root(pins, root, failure);

	if (!error)
		error = ensure_file_system(pins, failure);
	if (!error)
		error = check_above(pins, failure);
	if (!error)
		error = make_folder(pins->root, failure);
	if (!error)
		error = check_root(pins, failure);
	if (!error)
		error = lock_root(pins, failure);
	if (!error)
		error = make_folders(pins, failure);
	if (error)
		pins_close(pins);
	return error;
}

void pins_close(struct pins *pins)
{
	if (pins->lock >= 0)
		close(pins->lock);
	pins->lock = -1;
}

/* ---- Readers ---- */

int pins_lock_readers(const struct pins *pins, struct failure *failure)
{
	char path[512];

	folder_path(pins, PIN_MAPS, NULL, path, sizeof(path));
	return lock_folder(path, LOCK_WAIT_SECONDS, "is beginning to read the events of", failure);
}

void pins_unlock_readers(int folder)
{
	flock(folder, LOCK_UN);
}

static struct flock byte_of(unsigned slot, short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)slot, .l_len = 1 };
}

/* A folder cannot be open to be written, which locks against others want: but to ask for one is allowed. */
int pins_lock_reader(int folder, unsigned slot)
{
	struct flock lock = byte_of(slot, F_RDLCK);

	return fcntl(folder, F_OFD_SETLK, &lock) ? -errno : 0;
}

int pins_unlock_reader(int folder, unsigned slot)
{
	struct flock lock = byte_of(slot, F_UNLCK);

	return fcntl(folder, F_OFD_SETLK, &lock) ? -errno : 0;
}

bool pins_reader_is_alive(int folder, unsigned slot)
{
	struct flock lock = byte_of(slot, F_WRLCK);

	return fcntl(folder, F_OFD_GETLK, &lock) || lock.l_type != F_UNLCK;
}

bool pins_folder_is_there(int folder)
{
	struct stat status;

	return fstat(folder, &status) || status.st_nlink > 0;
}

/* ---- Objects ---- */

int pins_get(const struct pins *pins, enum pin_folder folder, const char *name)
{
	char path[1024];

	folder_path(pins, folder, name, path, sizeof(path));
	return bpf_obj_get(path);
}

int pins_put(const struct pins *pins, enum pin_folder folder, const char *name, int fd)
{
	char path[1024];

	folder_path(pins, folder, name, path, sizeof(path));
	return bpf_obj_pin(fd, path);
}

int pins_remove(const struct pins *pins, enum pin_folder folder, const char *name)
{
	char path[1024];

	folder_path(pins, folder, name, path, sizeof(path));
	return unlink(path) ? -errno : 0;
}

int pins_remove_folders(const struct pins *pins)
{
	char path[512];

	for (int i = 0; i < PIN_FOLDER_COUNT; i++) {
		folder_path(pins, (enum pin_folder)i, NULL, path, sizeof(path));
		if (rmdir(path) && errno != ENOENT)
			return -errno;
	}
	return rmdir(pins->root) && errno != ENOENT ? -errno : 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int pins_names(const struct pins *pins, enum pin_folder folder, struct arena *arena, const char *const **ret,
	       size_t *count)
{
	char path[512];
	const char **names = NULL;
	size_t found = 0, capacity = 0;
	struct dirent *entry;
	DIR *directory;

	folder_path(pins, folder, NULL, path, sizeof(path));
	directory = opendir(path);
	if (!directory && errno != ENOENT)
		return -errno;
	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		names = arena_grow(arena, names, found, &capacity, sizeof(*names));
		names[found++] = arena_copy(arena, entry->d_name, strlen(entry->d_name));
	}
	if (directory)
		closedir(directory);
	if (found)
		qsort(names, found, sizeof(*names), compare_names);
	*ret = names;
	*count = found;
	return 0;
}

/* ---- Names of hooks ---- */

static int is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

const char *pin_hook_name(struct arena *arena, const struct pin_hook *hook)
{
	char *encoded = arena_array(arena, char, 3 * strlen(hook->key) + 1), *end = encoded;

	for (const char *c = hook->key; *c; c++) {
		if (is_plain(*c))
			*end++ = *c;
		else
			end += sprintf(end, "%%%02X", (unsigned char)*c);
	}
	return arena_format(arena, "hook-%u-%s-%s", hook->id, hook->kind, encoded);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *decode_key(struct arena *arena, const char *text)
{
	char *key = arena_array(arena, char, strlen(text) + 1), *end = key;

	while (*text) {
		if (is_plain(*text)) {
			*end++ = *text++;
			continue;
		}
		if (*text != '%' || hex_digit(text[1]) < 0 || hex_digit(text[2]) < 0)
			return NULL;
		*end++ = (char)(hex_digit(text[1]) << 4 | hex_digit(text[2]));
		text += 3;
	}
	return key;
}

int pin_hook_read(struct arena *arena, const char *name, struct pin_hook *ret)
{
	const char *kind, *key;
	char *end;
	unsigned long id;

	if (strncmp(name, "hook-", 5) || name[5] < '0' || name[5] > '9')
		return -EINVAL;
	id = strtoul(name + 5, &end, 10);
	kind = end + 1;
	if (*end != '-' || id > UINT32_MAX)
		return -EINVAL;
	for (end++; is_plain(*end); end++)
		;
	if (*end != '-' || end == kind)
		return -EINVAL;
	key = decode_key(arena, end + 1);
	if (!key || !*key)
		return -EINVAL;
	*ret = (struct pin_hook){ (uint32_t)id, arena_copy(arena, kind, (size_t)(end - kind)), key };
	return 0;
}
