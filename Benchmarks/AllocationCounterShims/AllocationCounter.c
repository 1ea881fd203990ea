#include "AllocationCounterShims.h"

#include <stdatomic.h>
#include <stddef.h>

// What glibc's own functions do, under the names by which they stay reachable.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);

static _Atomic uint64_t total;

uint64_t allocation_counter_total(void) { return atomic_load_explicit(&total, memory_order_relaxed); }

static void count(void) { atomic_fetch_add_explicit(&total, 1, memory_order_relaxed); }

// The symbols of a program come before those of the libraries it loads.

void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count();
  return __libc_calloc(number, size);
}

void *realloc(void *pointer, size_t size) {
  count();
  return __libc_realloc(pointer, size);
}
