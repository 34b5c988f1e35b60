#define _GNU_SOURCE
#include "MemoryFile.h"
#include <sys/mman.h>

int lamina_memory_file(void) { return memfd_create("lamina-fuzz", MFD_CLOEXEC); }
