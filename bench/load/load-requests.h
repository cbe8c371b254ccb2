// What load.c sends: its options, the ids of users and keys, and the requests made of them.
#pragma once
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_CHARS 20

static void die(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static struct {
  const char *host;
  int port, connections, keys, is_batch, sequential;
  uint64_t warmup_ns, measure_ns, requests_max;
  uint64_t first_user, distinct_users, repeats, users_per_request;
  uint32_t seed;
  double rate;
} options = {.host = "127.0.0.1", .connections = 64, .users_per_request = 1, .repeats = 1};

static char **paths;
static size_t path_count;

static void read_paths(const char *file) {
  FILE *stream = fopen(file, "r");
  if (!stream) die(file);
  char line[4096];
  while (fgets(line, sizeof line, stream)) {
    line[strcspn(line, "\n")] = 0;
    if (!*line) continue;
    paths = realloc(paths, (path_count + 1) * sizeof *paths);
    if (!paths || !(paths[path_count++] = strdup(line))) die("memory");
  }
  fclose(stream);
}

static void read_option(const char *name, const char *value) {
  // Each member of LoadOptions in load-options.ts.
  uint64_t number = strtoull(value, NULL, 10);
  if (strcmp(name, "host") == 0) options.host = value;
  else if (strcmp(name, "port") == 0) options.port = (int)number;
  else if (strcmp(name, "connections") == 0) options.connections = (int)number;
  else if (strcmp(name, "warmupMs") == 0) options.warmup_ns = number * 1000000u;
  else if (strcmp(name, "measureMs") == 0) options.measure_ns = number * 1000000u;
  else if (strcmp(name, "requestsMax") == 0) options.requests_max = number;
  else if (strcmp(name, "rate") == 0) options.rate = strtod(value, NULL);
  else if (strcmp(name, "seed") == 0) options.seed = (uint32_t)number;
  else if (strcmp(name, "shape") == 0) options.is_batch = strcmp(value, "batch") == 0;
  else if (strcmp(name, "usersPerRequest") == 0) options.users_per_request = number;
  else if (strcmp(name, "ids") == 0) options.sequential = strcmp(value, "sequential") == 0;
  else if (strcmp(name, "firstUser") == 0) options.first_user = number;
  else if (strcmp(name, "distinctUsers") == 0) options.distinct_users = number;
  else if (strcmp(name, "repeats") == 0) options.repeats = number;
  else if (strcmp(name, "keys") == 0) options.keys = number == 1;
  else if (strcmp(name, "pathsFile") == 0) read_paths(value);
  else {
    fprintf(stderr, "load: unknown option %s\n", name);
    exit(2);
  }
}

static uint32_t mix32(uint32_t h) {
  h ^= h >> 16;
  h *= 0x85ebca6bu;
  h ^= h >> 13;
  h *= 0xc2b2ae35u;
  return h ^ (h >> 16);
}

// 20 characters that look like a hash and are different for different numbers, or a running number.
static void write_id(char *to, uint64_t number, uint32_t salt, int sequential) {
  static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  if (sequential) {
    memcpy(to, "user-", 5);
    for (int i = ID_CHARS - 1; i >= 5; i--, number /= 10) to[i] = (char)('0' + number % 10);
    return;
  }
  for (uint32_t word = 0; word < 4; word++) {
    uint32_t bits = mix32((uint32_t)number * 0x9e3779b1u + mix32(salt + word));
    for (int i = 0; i < 5; i++, bits >>= 5) *to++ = alphabet[bits & 31];
  }
}

static uint64_t user_number(uint64_t request, uint64_t place) {
  uint64_t n = request / options.repeats * options.users_per_request + place;
  return options.first_user + (options.distinct_users ? n % options.distinct_users : n);
}

static size_t write_body(char *to, uint64_t request) {
  char *at = to;
  at = stpcpy(at, options.is_batch ? "{\"userIds\":[" : "{\"userId\":");
  for (uint64_t i = 0; i < options.users_per_request; i++) {
    if (i > 0) *at++ = ',';
    *at++ = '"';
    write_id(at, user_number(request, i), options.seed, options.sequential);
    at += ID_CHARS;
    *at++ = '"';
  }
  at = stpcpy(at, options.is_batch ? "]}" : "}");
  return (size_t)(at - to);
}

static size_t body_length(void) {
  size_t frame = options.is_batch ? strlen("{\"userIds\":[]}") : strlen("{\"userId\":}");
  return frame + options.users_per_request * (ID_CHARS + 2) + options.users_per_request - 1;
}

static char *heads(size_t path) {
  static char **cache;
  if (!cache && !(cache = calloc(path_count, sizeof *cache))) die("memory");
  if (!cache[path]) {
    const char *key = options.keys ? "Idempotency-Key: " : "\r\n";
    if (asprintf(&cache[path],
                 "POST %s HTTP/1.1\r\nHost: %s:%d\r\nContent-Type: application/json\r\n"
                 "Content-Length: %zu\r\n%s",
                 paths[path], options.host, options.port, body_length(), key) < 0) {
      die("memory");
    }
  }
  return cache[path];
}
