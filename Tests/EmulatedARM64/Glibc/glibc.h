#pragma once
// What the kernels and their tests use of Glibc, under the name Swift gives it: the toolchain's own module is made for
// the machine that builds.
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

// The importer does not read the cast in the macro.
#undef MAP_FAILED
static void *const MAP_FAILED = (void *)-1;
