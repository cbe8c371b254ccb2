// The load generator: claims over HTTP/1.1, from one thread, as cheap as it can be, since whatever
// it costs is taken from the server under test on a small machine.
//
//   closed loop  every connection sends its next request when its last one was answered
//   open loop    requests have a schedule (Poisson, seeded); a latency counts from the moment that
//                the schedule named, so that a stalled server cannot hide the wait of those queued
//
// Takes `key=value` arguments (see load-options.ts), prints one JSON object a line: `start` and
// `end` when the measured window begins and ends, then `result`. load.ts does the same in Node for
// machines without a compiler, and makes the same ids; change both.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "load-figures.h"
#include "load-requests.h"

#define HEADER_BYTES_MAX 16384
#define READ_BYTES 262144
#define RECONNECTS_MAX 100000
#define DRAIN_NS 10000000000ull

struct connection {
  int fd;
  int busy;
  int wants_write;
  uint64_t sent_at, intended_at;
  size_t out_length, out_sent;
  char *out;
  size_t header_length, body_left;
  int status, closes;
  char header[HEADER_BYTES_MAX];
};

static struct connection *connections;
static int *idle;
static int idle_count, epoll_fd, timer_fd;
static uint64_t next_request, start_at, measure_at, end_at, next_intended;
static uint64_t in_flight, lost, reconnects, connect_errors, bytes_received, measured_bytes;
static uint64_t total_by_status[STATUS_MAX], measured_by_status[STATUS_MAX];
static uint64_t random_state;
static char read_buffer[READ_BYTES];
static struct rusage usage_start, usage_end;
static uint64_t measured_from, measured_until;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// ---- connections

static void write_request(struct connection *c) {
  uint64_t request = next_request++;
  char *at = stpcpy(c->out, heads(request / options.repeats % path_count));
  if (options.keys) {
    write_id(at, request + options.first_user, options.seed ^ 0x5bd1e995u, 0);
    at = stpcpy(at + ID_CHARS, "\r\n\r\n");
  }
  at += write_body(at, request);
  c->out_length = (size_t)(at - c->out);
  c->out_sent = 0;
}

static void watch(struct connection *c, int wants_write) {
  struct epoll_event event = {.events = EPOLLIN | (wants_write ? EPOLLOUT : 0), .data.ptr = c};
  int verb = c->wants_write < 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(epoll_fd, verb, c->fd, &event) != 0) die("epoll_ctl");
  c->wants_write = wants_write;
}

static int connect_one(struct connection *c) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
  inet_pton(AF_INET, options.host, &address.sin_addr);
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (c->fd < 0) die("socket");
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0) {
    connect_errors++;
    close(c->fd);
    c->fd = -1;
    return 0;
  }
  int one = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  c->header_length = c->body_left = c->out_length = c->out_sent = 0;
  c->status = c->closes = c->busy = 0;
  c->wants_write = -1;
  watch(c, 0);
  return 1;
}

static void rest(struct connection *c) { idle[idle_count++] = (int)(c - connections); }

static void drop(struct connection *c) {
  if (c->busy) {
    lost++;
    in_flight--;
  }
  close(c->fd);
  int was_busy = c->busy;
  c->busy = 0;
  if (++reconnects > RECONNECTS_MAX || !connect_one(c)) {
    // A server that cannot be reached ends this connection's part; the result names it.
    c->fd = -1;
    if (!was_busy) {
      for (int i = 0; i < idle_count; i++) {
        if (idle[i] == (int)(c - connections)) idle[i--] = idle[--idle_count];
      }
    }
    return;
  }
  if (was_busy) rest(c);
}

static void flush_out(struct connection *c) {
  while (c->out_sent < c->out_length) {
    ssize_t n = send(c->fd, c->out + c->out_sent, c->out_length - c->out_sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) {
      if (c->wants_write != 1) watch(c, 1);
      return;
    }
    if (n < 0) return drop(c);
    c->out_sent += (size_t)n;
  }
  if (c->wants_write == 1) watch(c, 0);
}

static void send_request(struct connection *c, uint64_t intended) {
  write_request(c);
  c->busy = 1;
  c->intended_at = intended;
  in_flight++;
  flush_out(c);
}

// ---- schedule

static double random_unit(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return ((double)(random_state >> 11) + 0.5) / 9007199254740992.0;
}

static void send_due(uint64_t now) {
  while (idle_count > 0) {
    if (options.requests_max && next_request >= options.requests_max) return;
    if (options.rate <= 0) {
      if (now >= end_at) return;
      send_request(&connections[idle[--idle_count]], now);
    } else {
      if (next_intended > now || next_intended >= end_at) return;
      uint64_t intended = next_intended;
      next_intended += (uint64_t)(-log(random_unit()) * 1e9 / options.rate);
      send_request(&connections[idle[--idle_count]], intended);
    }
  }
}

static void arm_timer(uint64_t now) {
  uint64_t at = now < measure_at ? measure_at : now < end_at ? end_at : end_at + DRAIN_NS;
  int waits_for_answers = idle_count == 0;
  if (options.rate > 0 && !waits_for_answers && next_intended < at) at = next_intended;
  static uint64_t armed;
  if (at == armed) return;
  armed = at;
  struct itimerspec when = {.it_value = {(time_t)(at / 1000000000u), (long)(at % 1000000000u)}};
  timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

// ---- answers

static void answered(struct connection *c, uint64_t now) {
  int status = c->status > 0 && c->status < STATUS_MAX ? c->status : 0;
  total_by_status[status]++;
  in_flight--;
  c->busy = 0;
  // A closed loop is measured by when answers came; an open one by when they should have begun.
  uint64_t moment = options.rate > 0 ? c->intended_at : now;
  if (moment >= measure_at && moment < end_at) {
    measured_by_status[status]++;
    record(now - c->intended_at);
  }
  c->header_length = 0;
  if (c->closes) {
    drop(c);
    if (c->fd < 0) return;
  }
  rest(c);
}

static int parse_head(struct connection *c, const char *head, size_t length) {
  long long body = -1;
  c->closes = 0;
  if (length < 13 || memcmp(head, "HTTP/1.1 ", 9) != 0) return 0;
  c->status = atoi(head + 9);
  const char *line = memchr(head, '\n', length), *end = head + length;
  for (; line && ++line < end; line = memchr(line, '\n', (size_t)(end - line))) {
    if ((*line | 32) != 'c') continue;
    if (strncasecmp(line, "content-length:", 15) == 0) body = atoll(line + 15);
    if (strncasecmp(line, "connection: close", 17) == 0) c->closes = 1;
  }
  if (body < 0) return 0; // chunked answers are not expected, and would be guessed at
  c->body_left = (size_t)body;
  return 1;
}

static int take(struct connection *c, const char *data, size_t size, uint64_t now) {
  while (size > 0) {
    if (!c->busy) return 0;
    if (c->status == 0) {
      size_t old = c->header_length;
      size_t room = HEADER_BYTES_MAX - 1 - old;
      size_t part = size < room ? size : room;
      memcpy(c->header + old, data, part);
      c->header_length += part;
      c->header[c->header_length] = 0;
      size_t from = old > 3 ? old - 3 : 0;
      char *end = memmem(c->header + from, c->header_length - from, "\r\n\r\n", 4);
      if (!end && part == room) return 0;
      if (!end) return 1;
      size_t head = (size_t)(end - c->header) + 4;
      *end = 0;
      if (!parse_head(c, c->header, head - 4)) return 0;
      data += head - old;
      size -= head - old;
    }
    size_t body = size < c->body_left ? size : c->body_left;
    c->body_left -= body;
    data += body;
    size -= body;
    if (c->body_left > 0) return 1;
    answered(c, now);
    c->status = 0;
  }
  return 1;
}

static void receive(struct connection *c) {
  ssize_t n = recv(c->fd, read_buffer, READ_BYTES, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return drop(c);
  uint64_t now = now_ns();
  bytes_received += (uint64_t)n;
  if (now >= measure_at && now < end_at) measured_bytes += (uint64_t)n;
  if (!take(c, read_buffer, (size_t)n, now)) drop(c);
}

// ---- the run

static void say(const char *event) {
  printf("{\"event\":\"%s\"}\n", event);
  fflush(stdout);
}

static void pass_marks(uint64_t now) {
  if (!measured_from && now >= measure_at) {
    getrusage(RUSAGE_SELF, &usage_start);
    measured_from = now;
    say("start");
  }
  if (!measured_until && now >= end_at) {
    getrusage(RUSAGE_SELF, &usage_end);
    measured_until = now;
    say("end");
  }
}

static void run(void) {
  struct epoll_event events[512];
  for (;;) {
    uint64_t now = now_ns();
    pass_marks(now);
    send_due(now);
    if (options.requests_max && next_request >= options.requests_max && in_flight == 0) {
      end_at = now < measure_at ? measure_at : now;
      if (now >= measure_at) pass_marks(now);
    }
    int alive = idle_count + (int)in_flight;
    if (now >= end_at && (in_flight == 0 || now >= end_at + DRAIN_NS)) break;
    if (alive == 0) break;
    arm_timer(now);
    int count = epoll_wait(epoll_fd, events, 512, -1);
    if (count < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < count; i++) {
      struct connection *c = events[i].data.ptr;
      if (!c) {
        uint64_t ticks;
        if (read(timer_fd, &ticks, sizeof ticks) < 0 && errno != EAGAIN) die("timer");
        continue;
      }
      if (c->fd >= 0 && events[i].events & EPOLLOUT) flush_out(c);
      if (c->fd >= 0 && events[i].events & ~(uint32_t)EPOLLOUT) receive(c);
    }
  }
}

static double cpu_seconds(const struct rusage *u) {
  return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
         (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

static void print_result(void) {
  uint64_t overdue = 0;
  if (options.rate > 0 && next_intended < end_at) {
    overdue = (uint64_t)((double)(end_at - next_intended) / 1e9 * options.rate);
  }
  printf("{\"event\":\"result\",\"generator\":\"c\",\"seconds\":%.6f,\"cpuSeconds\":%.6f",
         (double)(measured_until - measured_from) / 1e9,
         cpu_seconds(&usage_end) - cpu_seconds(&usage_start));
  printf(",\"requests\":%llu,\"lost\":%llu,\"unanswered\":%llu,\"overdue\":%llu",
         (unsigned long long)next_request, (unsigned long long)lost, (unsigned long long)in_flight,
         (unsigned long long)overdue);
  printf(",\"reconnects\":%llu,\"connectErrors\":%llu,\"measuredBytes\":%llu",
         (unsigned long long)reconnects, (unsigned long long)connect_errors,
         (unsigned long long)measured_bytes);
  print_statuses("totalByStatus", total_by_status);
  print_statuses("measuredByStatus", measured_by_status);
  printf(",\"latencyUs\":{\"count\":%llu,\"mean\":%.1f,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,"
         "\"p999\":%.1f,\"max\":%.1f}}\n",
         (unsigned long long)latency_count,
         latency_count ? latency_sum / (double)latency_count / 1e3 : 0, quantile_us(0.5),
         quantile_us(0.9), quantile_us(0.99), quantile_us(0.999), (double)latency_max / 1e3);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    char *equals = strchr(argv[i], '=');
    if (!equals) {
      fprintf(stderr, "load: %s is not key=value\n", argv[i]);
      return 2;
    }
    *equals = 0;
    read_option(argv[i], equals + 1);
  }
  if (!path_count || !options.port || options.connections < 1) {
    fprintf(stderr, "load: port, connections and pathsFile are needed\n");
    return 2;
  }
  size_t out_bytes = 8192 + body_length();
  connections = calloc((size_t)options.connections, sizeof *connections);
  idle = calloc((size_t)options.connections, sizeof *idle);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct epoll_event timer = {.events = EPOLLIN, .data.ptr = NULL};
  if (!connections || !idle || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer_fd, &timer)) die("start");
  for (int i = options.connections - 1; i >= 0; i--) {
    if (!(connections[i].out = malloc(out_bytes))) die("memory");
    if (!connect_one(&connections[i])) die("connect");
    rest(&connections[i]);
  }
  random_state = ((uint64_t)mix32(options.seed) << 32 | mix32(options.seed + 1)) | 1;
  start_at = next_intended = now_ns();
  measure_at = start_at + options.warmup_ns;
  end_at = measure_at + options.measure_ns;
  run();
  pass_marks(now_ns());
  print_result();
  return 0;
}
