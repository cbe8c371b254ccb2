// A disk that is slow, that fails or that is full, for the files below one folder of one process.
//
// Loaded with LD_PRELOAD, it stands between the program (SQLite inside Node) and libc's file calls.
// A control file, mapped by every process that loads it, holds what the disk should do and counts
// what it did, so that a test can switch faults and read figures while the program runs. The file's
// layout is repeated in disk-shim.ts; change both.
//
//   DISK_SHIM_CONTROL  path of the control file, which must exist and be one page long
//   DISK_SHIM_PREFIX   only files whose path starts with this are touched
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PAGE_BYTES 4096
#define FDS_MAX 65536

enum { FAIL_NEVER = 0, FAIL_ALWAYS = 1, FAIL_ONCE = 2 };
enum { FD_UNKNOWN = 0, FD_WATCHED = 1, FD_OTHER = 2 };

struct control {
  // What the disk should do; written by the test.
  _Atomic uint64_t sync_delay_us;
  _Atomic uint64_t fail_syncs;    // FAIL_*: EIO
  _Atomic uint64_t fail_writes;   // 1: ENOSPC as soon as bytes_left is used up
  _Atomic uint64_t bytes_left;
  _Atomic uint64_t hold_syncs;    // 1: a sync waits until this is 0 again
  _Atomic uint64_t reserved[3];
  // What the disk did; written here.
  _Atomic uint64_t syncs;
  _Atomic uint64_t sync_ns;       // spent in syncs, added delay and waiting included
  _Atomic uint64_t writes;
  _Atomic uint64_t written_bytes;
  _Atomic uint64_t failed_syncs;
  _Atomic uint64_t failed_writes;
  _Atomic uint64_t waiting_syncs; // held back at this moment
};

static struct control *control;
static const char *prefix;
static size_t prefix_length;
static _Atomic unsigned char fd_kinds[FDS_MAX];

static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_close)(int);
static int (*real_ftruncate)(int, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);

// Other constructors may call these functions first, so that every one makes sure by itself.
static void find_real(void) {
  if (real_openat) return;
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_close = dlsym(RTLD_NEXT, "close");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_writev = dlsym(RTLD_NEXT, "writev");
  real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
  real_open = dlsym(RTLD_NEXT, "open64");
  real_openat = dlsym(RTLD_NEXT, "openat64");
}

__attribute__((constructor)) static void start(void) {
  find_real();
  const char *path = getenv("DISK_SHIM_CONTROL");
  prefix = getenv("DISK_SHIM_PREFIX");
  if (!path || !prefix || !*prefix) return;
  prefix = strdup(prefix);
  prefix_length = strlen(prefix);
  int fd = real_open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    dprintf(2, "disk-shim: cannot open %s: %s\n", path, strerror(errno));
    _exit(1);
  }
  void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) {
    dprintf(2, "disk-shim: cannot map %s: %s\n", path, strerror(errno));
    _exit(1);
  }
  control = page;
  real_close(fd);
}

static void forget(int fd) {
  if (fd >= 0 && fd < FDS_MAX) atomic_store(&fd_kinds[fd], FD_UNKNOWN);
}

// Sockets are written through the same calls, so that the answer is kept for each descriptor until
// it is closed or given out again.
static int watched(int fd) {
  if (!control || fd < 0 || fd >= FDS_MAX) return 0;
  int kind = atomic_load(&fd_kinds[fd]);
  if (kind == FD_UNKNOWN) {
    char link[64], path[PATH_MAX];
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path);
    errno = saved;
    int below = length >= (ssize_t)prefix_length && memcmp(path, prefix, prefix_length) == 0;
    kind = below ? FD_WATCHED : FD_OTHER;
    atomic_store(&fd_kinds[fd], kind);
  }
  return kind == FD_WATCHED;
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void pause_us(uint64_t us) {
  struct timespec t = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};
  while (nanosleep(&t, &t) != 0 && errno == EINTR) {
  }
}

static int must_fail_sync(void) {
  uint64_t once = FAIL_ONCE;
  if (atomic_compare_exchange_strong(&control->fail_syncs, &once, FAIL_NEVER)) return 1;
  return once == FAIL_ALWAYS;
}

static int sync_with(int (*real)(int), int fd) {
  if (!watched(fd)) return real(fd);
  uint64_t began = now_ns();
  if (atomic_load(&control->hold_syncs)) {
    atomic_fetch_add(&control->waiting_syncs, 1);
    while (atomic_load(&control->hold_syncs)) pause_us(200);
    atomic_fetch_sub(&control->waiting_syncs, 1);
  }
  uint64_t delay = atomic_load(&control->sync_delay_us);
  if (delay) pause_us(delay);
  int result = -1;
  int reason = EIO;
  if (must_fail_sync()) {
    atomic_fetch_add(&control->failed_syncs, 1);
  } else {
    result = real(fd);
    reason = errno;
  }
  atomic_fetch_add(&control->sync_ns, now_ns() - began);
  atomic_fetch_add(&control->syncs, 1);
  errno = reason;
  return result;
}

// How many of `wanted` bytes the disk still takes: as a real one, it takes a part before it refuses.
static size_t room_for(size_t wanted) {
  if (!atomic_load(&control->fail_writes)) return wanted;
  uint64_t left = atomic_load(&control->bytes_left);
  uint64_t taken;
  do {
    taken = left < wanted ? left : wanted;
  } while (!atomic_compare_exchange_weak(&control->bytes_left, &left, left - taken));
  return (size_t)taken;
}

static ssize_t refuse_write(void) {
  atomic_fetch_add(&control->failed_writes, 1);
  errno = ENOSPC;
  return -1;
}

static ssize_t counted(ssize_t written) {
  if (written >= 0) {
    atomic_fetch_add(&control->writes, 1);
    atomic_fetch_add(&control->written_bytes, (uint64_t)written);
  }
  return written;
}

static ssize_t write_here(int fd, const void *data, size_t size, off_t at, int at_offset) {
  find_real();
  int is_watched = watched(fd);
  size_t room = is_watched ? room_for(size) : size;
  if (is_watched && room == 0 && size > 0) return refuse_write();
  ssize_t written = at_offset ? real_pwrite(fd, data, room, at) : real_write(fd, data, room);
  return is_watched ? counted(written) : written;
}

static ssize_t write_vector(int fd, const struct iovec *parts, int count, off_t at, int at_offset) {
  find_real();
  if (!watched(fd)) {
    return at_offset ? real_pwritev(fd, parts, count, at) : real_writev(fd, parts, count);
  }
  size_t size = 0;
  for (int i = 0; i < count; i++) size += parts[i].iov_len;
  // A vector that does not fit whole is taken up to its first part: short writes are legal.
  size_t room = room_for(size);
  if (room == 0 && size > 0) return refuse_write();
  if (room == size) {
    return counted(at_offset ? real_pwritev(fd, parts, count, at) : real_writev(fd, parts, count));
  }
  size_t first = parts[0].iov_len < room ? parts[0].iov_len : room;
  return counted(at_offset ? real_pwrite(fd, parts[0].iov_base, first, at)
                           : real_write(fd, parts[0].iov_base, first));
}

static int truncate_here(int fd, off_t size) {
  find_real();
  struct stat file;
  int grows = watched(fd) && fstat(fd, &file) == 0 && size > file.st_size;
  if (grows && atomic_load(&control->fail_writes) && atomic_load(&control->bytes_left) == 0) {
    return (int)refuse_write();
  }
  return real_ftruncate(fd, size);
}

int fsync(int fd) { find_real(); return sync_with(real_fsync, fd); }
int fdatasync(int fd) { find_real(); return sync_with(real_fdatasync, fd); }
int ftruncate(int fd, off_t size) { return truncate_here(fd, size); }
int ftruncate64(int fd, off_t size) { return truncate_here(fd, size); }
ssize_t write(int fd, const void *d, size_t n) { return write_here(fd, d, n, 0, 0); }
ssize_t pwrite(int fd, const void *d, size_t n, off_t at) { return write_here(fd, d, n, at, 1); }
ssize_t pwrite64(int fd, const void *d, size_t n, off_t at) { return write_here(fd, d, n, at, 1); }
ssize_t writev(int fd, const struct iovec *v, int n) { return write_vector(fd, v, n, 0, 0); }
ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at) {
  return write_vector(fd, v, n, at, 1);
}
ssize_t pwritev64(int fd, const struct iovec *v, int n, off_t at) {
  return write_vector(fd, v, n, at, 1);
}

int close(int fd) {
  find_real();
  forget(fd);
  return real_close(fd);
}

static mode_t mode_of(int flags, va_list rest) {
  return flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

#define OPEN_AS(name)                              \
  int name(const char *path, int flags, ...) {     \
    find_real();                                   \
    va_list rest;                                  \
    va_start(rest, flags);                         \
    mode_t mode = mode_of(flags, rest);            \
    va_end(rest);                                  \
    int fd = real_open(path, flags, mode);         \
    forget(fd);                                    \
    return fd;                                     \
  }
#define OPENAT_AS(name)                                 \
  int name(int at, const char *path, int flags, ...) {  \
    find_real();                                        \
    va_list rest;                                       \
    va_start(rest, flags);                              \
    mode_t mode = mode_of(flags, rest);                 \
    va_end(rest);                                       \
    int fd = real_openat(at, path, flags, mode);        \
    forget(fd);                                         \
    return fd;                                          \
  }
OPEN_AS(open)
OPEN_AS(open64)
OPENAT_AS(openat)
OPENAT_AS(openat64)
