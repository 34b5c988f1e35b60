#pragma once
// What Swift has no words for around the vectors: which instructions the processor has, futexes, and the threads of this process.
#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

// 1 where this processor has x86-64-v4 and VNNI.
static inline int cpu_has_v4_vnni(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vnni");
#else
  return 0;
#endif
}

// 1 where this processor has every instruction the kernels are compiled for.
static inline int cpu_runs_kernels(void) {
#if defined(__x86_64__)
#if defined(__AVX512VNNI__)
  if (!cpu_has_v4_vnni()) return 0;
#endif
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("f16c") && __builtin_cpu_supports("lzcnt");
#elif defined(__aarch64__)
  unsigned long needed = (1UL << 20) | (1UL << 10); // HWCAP_ASIMDDP, HWCAP_ASIMDHP
  return (getauxval(AT_HWCAP) & needed) == needed;
#else
  return 0;
#endif
}

// The instruction set the kernels are compiled for.
static inline const char *cpu_kernels_name(void) {
#if defined(__AVX512VNNI__)
  return "x86-64-v4+vnni";
#elif defined(__x86_64__)
  return "x86-64-v3";
#else
  return "arm64+dotprod";
#endif
}

// Processors this process may run on; 0 where the system does not say.
static inline int cpu_affinity_count(void) {
  unsigned long mask[128] = {0};
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  int count = 0;
  for (long i = 0; i < bytes / (long)sizeof(long); i++) count += __builtin_popcountl(mask[i]);
  return count;
}

static inline void cpu_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

// Sleeps while *word == expected, at the longest `nanoseconds`. Woken by wakes whose `set` shares a bit with this one's.
static inline void futex_wait(const uint32_t *word, uint32_t expected, uint32_t set, int64_t nanoseconds) {
  struct timespec limit;
  clock_gettime(CLOCK_MONOTONIC, &limit);
  nanoseconds += limit.tv_nsec;
  limit.tv_sec += nanoseconds / 1000000000, limit.tv_nsec = nanoseconds % 1000000000;
  syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, &limit, 0, set);
}
static inline void futex_wake(const uint32_t *word, uint32_t set) {
  syscall(SYS_futex, word, FUTEX_WAKE_BITSET_PRIVATE, INT32_MAX, 0, 0, set);
}
static inline int64_t monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
// How often the kernel took the processor from the calling thread while it could have run on.
static inline int64_t thread_preemptions(void) {
  struct rusage usage;
  return getrusage(1 /* RUSAGE_THREAD */, &usage) == 0 ? usage.ru_nivcsw : 0;
}
// Names the calling thread; at most 15 bytes.
static inline void thread_set_name(const char *name) { syscall(SYS_prctl, 15 /* PR_SET_NAME */, name, 0, 0, 0); }
static inline int32_t thread_id(void) { return (int32_t)syscall(SYS_gettid); }
