// Tells the thread sanitizer of the Swift runtime's mutex.
//
// A Mutex that is free is taken by an atomic instruction in our own code, which the sanitizer sees. One that is not free is taken
// and given back in libswiftSynchronization, which was not built with the sanitizer: it would miss that one thread's work
// under the lock comes before the next one's, and call it a race. Loaded before that library (LD_PRELOAD), these functions
// take the place of the two and say what they do.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef __attribute__((swiftcall)) void (*LockSlow)(uint32_t, __attribute__((swift_context)) void *);
typedef __attribute__((swiftcall)) void (*UnlockSlow)(__attribute__((swift_context)) void *);

__attribute__((swiftcall)) void lamina_lock_slow(uint32_t state, __attribute__((swift_context)) void *handle)
    __asm__(LOCK_SLOW);
__attribute__((swiftcall)) void lamina_unlock_slow(__attribute__((swift_context)) void *handle) __asm__(UNLOCK_SLOW);

__attribute__((swiftcall)) void lamina_lock_slow(uint32_t state, __attribute__((swift_context)) void *handle) {
    ((LockSlow)dlsym(RTLD_NEXT, LOCK_SLOW))(state, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

__attribute__((swiftcall)) void lamina_unlock_slow(__attribute__((swift_context)) void *handle) {
    if (__tsan_release) __tsan_release(handle);
    ((UnlockSlow)dlsym(RTLD_NEXT, UNLOCK_SLOW))(handle);
}
