// SPDX-License-Identifier: Apache-2.0
/*
 * opened.c - opens files in all kinds of places, in a fixed order, below a folder of its own: opened FOLDER.
 *
 * What it mounts is in a mount namespace of its own. Says on standard output what it did, one line each; what could not be done ends it with 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int must(const char *what, int result)
{
	if (result < 0)
		die(what);
	return result;
}

static void say(const char *what)
{
	printf("%s\n", what);
	fflush(stdout);
}

static int make(int folder, const char *name)
{
	return must(name, openat(folder, name, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
}

/* By its descriptor, whatever became of its name. */
static void again(int fd, const char *what)
{
	char path[64];
	int opened;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opened = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (opened >= 0)
		close(opened);
	say(what);
}

static void names(void)
{
	char longest[256], nested[256] = "";
	int fd;

	close(make(AT_FDCWD, "plain"));
	say("a plain file");
	must("link", link("plain", "linked"));
	close(must("linked", open("linked", O_RDONLY | O_CLOEXEC)));
	say("a hard link");
	must("symlink", symlink("plain", "symbolic"));
	close(must("symbolic", open("symbolic", O_RDONLY | O_CLOEXEC)));
	say("a symbolic link");
	memset(longest, 'n', 255);
	longest[255] = 0;
	close(make(AT_FDCWD, longest));
	say("a name of 255 bytes");
	for (int n = 0; n < 40; n++) {
		strcat(nested, "d/");
		must("mkdir", mkdir(nested, 0700));
	}
	strcat(nested, "file");
	close(make(AT_FDCWD, nested));
	say("forty folders down");
	fd = make(AT_FDCWD, "renamed before");
	must("rename", rename("renamed before", "renamed to a name that a dentry keeps elsewhere, as it is long"));
	again(fd, "a file that was renamed");
	close(make(AT_FDCWD, "gone (deleted)"));
	say("a file whose name says that it is deleted");
}

/* Those that no path leads to, or no path any more. */
static void lost(void)
{
	int fd = make(AT_FDCWD, "lost"), pair[2], folder;

	must("unlink", unlink("lost"));
	again(fd, "a deleted file");
	again(must("memfd", memfd_create("memory/with/slashes", MFD_CLOEXEC)), "a file in memory");
	again(must("memfd", memfd_create("", MFD_CLOEXEC)), "one without a name");
	fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		again(fd, "a file that never had a name");
	must("pipe", pipe2(pair, O_CLOEXEC | O_NONBLOCK));
	again(pair[0], "a pipe");
	must("mkdir", mkdir("folder", 0700));
	folder = must("folder", open("folder", O_DIRECTORY | O_CLOEXEC));
	must("rmdir", rmdir("folder"));
	close(must("deleted folder", openat(folder, ".", O_DIRECTORY | O_CLOEXEC)));
	say("a deleted folder");
}

/* Files in memory, and memory without a file. */
static void mapped(void)
{
	int fd = must("plain", open("plain", O_RDWR | O_CLOEXEC));

	must("size", ftruncate(fd, 4096));
	if (mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED || mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ||
	    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		die("mmap");
	close(fd);
	say("mapped files, and none");
}

static void elsewhere(void)
{
	static const char *const places[] = { "/", "/proc", "/proc/self/status", "/proc/self/ns/mnt", "/dev", "/dev/null", "/sys" };

	for (size_t n = 0; n < sizeof(places) / sizeof(*places); n++) {
		int fd = open(places[n], O_RDONLY | O_CLOEXEC);

		if (fd >= 0)
			close(fd);
		say(places[n]);
	}
}

static void mounted(void)
{
	int inside, folder;

	must("mkdir", mkdir("mount", 0700));
	must("mount", mount("opened", "mount", "tmpfs", 0, NULL));
	close(must("mount", open("mount", O_DIRECTORY | O_CLOEXEC)));
	say("the root of a mount");
	close(make(AT_FDCWD, "mount/file"));
	say("a file below a mount");
	must("bind", mount("mount/file", "plain", NULL, MS_BIND, NULL));
	close(must("plain", open("plain", O_RDONLY | O_CLOEXEC)));
	say("a file that is mounted on another");
	must("mkdir", mkdir("mount/a", 0700));
	must("mkdir", mkdir("bound", 0700));
	must("bind", mount("mount/a", "bound", NULL, MS_BIND, NULL));
	close(make(AT_FDCWD, "bound/b"));
	say("a file below a folder that is mounted twice");
	folder = must("mount", open("mount", O_DIRECTORY | O_CLOEXEC));
	inside = make(AT_FDCWD, "mount/inside");
	must("umount", umount2("mount", MNT_DETACH));
	again(inside, "a file whose mount is nowhere any more");
	close(must("root", openat(folder, ".", O_DIRECTORY | O_CLOEXEC)));
	say("the root of that mount");
	close(make(folder, "new"));
	say("a new file there");
}

/* Paths of about 4,096 bytes, and longer ones, by folders of 100 bytes and a last one that fits. */
static void longer(size_t length)
{
	char name[128], path[4200];
	int before = must("here", open(".", O_DIRECTORY | O_CLOEXEC));
	size_t here;

	if (!getcwd(path, sizeof(path)))
		die("getcwd");
	here = strlen(path);
	memset(name, 'l', sizeof(name));
	name[99] = 0;
	for (; here + 100 + 2 < length; here += 100) {
		if (mkdir(name, 0700) && errno != EEXIST)
			die("mkdir");
		must("chdir", chdir(name));
	}
	memset(name, 'f', sizeof(name));
	name[length - here - 1] = 0;
	close(make(AT_FDCWD, name));
	printf("a path of %zu bytes\n", length);
	fflush(stdout);
	must("back", fchdir(before));
	close(before);
}

/* In memory: they are gone with this process, and nobody needs to remove them. */
static void long_paths(void)
{
	int before = must("here", open(".", O_DIRECTORY | O_CLOEXEC));

	must("mkdir", mkdir("long", 0700));
	must("mount", mount("opened", "long", "tmpfs", 0, NULL));
	must("long", chdir("long"));
	for (size_t length = 4090; length <= 4100; length++)
		longer(length);
	longer(6000);
	must("back", fchdir(before));
	close(before);
}

static void rooted(const char *root)
{
	int outside = must("here", open(".", O_DIRECTORY | O_CLOEXEC)), status;
	pid_t child = fork();

	if (!child) {
		must("chroot", chroot(root));
		must("chdir", chdir("/"));
		close(must("/inside", open("/inside", O_CREAT | O_RDWR | O_CLOEXEC, 0600)));
		close(must("root", open("/", O_DIRECTORY | O_CLOEXEC)));
		close(must("outside", openat(outside, "plain", O_RDONLY | O_CLOEXEC)));
		exit(0);
	}
	must("child", child);
	if (waitpid(child, &status, 0) != child || status)
		exit(1);
	say("inside and outside of a root of its own");
	close(outside);
}

static void copy_self(int to)
{
	int from = must("this program", open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	char bytes[65536];
	ssize_t got;

	while ((got = read(from, bytes, sizeof(bytes))) > 0)
		if (write(to, bytes, (size_t)got) != got)
			die("copy");
	must("mode", fchmod(to, 0700));
	close(from);
}

static void run(const char *path, const char *what)
{
	pid_t child = fork();
	int status;

	if (!child) {
		execl(path, path, NULL);
		_exit(127);
	}
	must("child", child);
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 2)
		die(what);
	say(what);
}

/* A program that runs without arguments ends at once. */
static void executed(void)
{
	int fd = make(AT_FDCWD, "program"), reading, memory = must("memfd", memfd_create("program", MFD_CLOEXEC));
	char path[64];

	copy_self(fd);
	reading = must("program", open("program", O_RDONLY | O_CLOEXEC));
	close(fd);
	run("./program", "a program");
	must("unlink", unlink("program"));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", reading);
	run(path, "a deleted program");
	copy_self(memory);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
	reading = must("memory", open(path, O_RDONLY | O_CLOEXEC));
	close(memory);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", reading);
	run(path, "a program in memory");
	close(reading);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	must("mount namespace", unshare(CLONE_NEWNS));
	must("private mounts", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	must(argv[1], mkdir(argv[1], 0700));
	must(argv[1], chdir(argv[1]));
	names();
	lost();
	elsewhere();
	mapped();
	long_paths();
	must("mkdir", mkdir("root", 0700));
	rooted("root");
	must("truncate", truncate("plain", 3));
	must("truncate", truncate("symbolic", 2));
	say("truncated");
	executed();
	mounted();
	must("truncate", truncate("plain", 1));
	say("truncated below a mount");
	return 0;
}
