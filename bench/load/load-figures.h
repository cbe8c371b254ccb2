// What load.c counts: latencies in a histogram of powers of two, and answers by their status.
#pragma once
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#define STATUS_MAX 600
#define SUB_BITS 6 // 64 buckets to each power of two: latencies are right within 1.6 %
#define BUCKETS (64 << SUB_BITS)

static uint64_t histogram[BUCKETS], latency_count, latency_max;
static double latency_sum;

static void record(uint64_t ns) {
  latency_count++;
  latency_sum += (double)ns;
  if (ns > latency_max) latency_max = ns;
  uint64_t exponent = ns < (1u << SUB_BITS) ? 0 : 63 - (uint64_t)__builtin_clzll(ns) - SUB_BITS + 1;
  uint64_t mantissa = exponent == 0 ? ns : (ns >> (exponent - 1)) & ((1u << SUB_BITS) - 1);
  uint64_t bucket = (exponent << SUB_BITS) + mantissa;
  histogram[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

static double quantile_us(double q) {
  uint64_t wanted = (uint64_t)ceil(q * (double)latency_count), seen = 0;
  for (uint64_t b = 0; b < BUCKETS; b++) {
    seen += histogram[b];
    if (histogram[b] == 0 || seen < wanted) continue;
    uint64_t exponent = b >> SUB_BITS, mantissa = b & ((1u << SUB_BITS) - 1);
    if (exponent == 0) return (double)mantissa / 1e3;
    return (double)((mantissa + (1u << SUB_BITS)) << (exponent - 1)) / 1e3;
  }
  return 0;
}

static void print_statuses(const char *name, const uint64_t *counts) {
  printf(",\"%s\":{", name);
  const char *comma = "";
  for (int s = 0; s < STATUS_MAX; s++) {
    if (!counts[s]) continue;
    printf("%s\"%d\":%llu", comma, s, (unsigned long long)counts[s]);
    comma = ",";
  }
  printf("}");
}
