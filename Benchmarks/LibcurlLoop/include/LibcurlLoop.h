#pragma once

#include <stdint.h>

/// What a run came to.
typedef struct {
  /// CPU time of the calling thread, in nanoseconds.
  uint64_t cpu_nanoseconds;
  /// From the first request to the last answer, in nanoseconds.
  uint64_t elapsed_nanoseconds;
  /// Requests without an answer of status 200.
  uint64_t failures;
} libcurl_loop_result;

/// Posts `body` so often and so many at a time, with one thread and nothing but libcurl and epoll: no JSON is written or
/// read, and no request is made anew. What it costs is the least that a client can cost which stands on libcurl.
///
/// Connections are made before anything is measured. `authority_file` may be null.
libcurl_loop_result libcurl_loop_run(
    const char *url, const char *authority_file, const char *body, uint64_t requests, uint64_t parallel);
