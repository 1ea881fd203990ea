#ifndef ALLOCATION_COUNTER_SHIMS_H
#define ALLOCATION_COUNTER_SHIMS_H

#include <stdint.h>

/// How often the process asked for memory since it started.
///
/// A program that links this library has its calls to malloc, calloc and realloc counted, those of the libraries it
/// loads included.
uint64_t allocation_counter_total(void);

#endif
