#include "LibcurlLoop.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  CURLM *multi;
  int epoll;
  /// Milliseconds until libcurl wants to be called; -1 for never.
  long wait;
} loop;

static int watch(CURL *handle, curl_socket_t socket, int interest, void *context, void *unused) {
  (void)handle;
  (void)unused;
  loop *own = context;
  if (interest == CURL_POLL_REMOVE) return epoll_ctl(own->epoll, EPOLL_CTL_DEL, socket, NULL), 0;
  struct epoll_event event = {.data.fd = socket};
  if (interest & CURL_POLL_IN) event.events |= EPOLLIN;
  if (interest & CURL_POLL_OUT) event.events |= EPOLLOUT;
  if (epoll_ctl(own->epoll, EPOLL_CTL_ADD, socket, &event) != 0 && errno == EEXIST) {
    epoll_ctl(own->epoll, EPOLL_CTL_MOD, socket, &event);
  }
  return 0;
}

static int set_timer(CURLM *multi, long milliseconds, void *context) {
  (void)multi;
  ((loop *)context)->wait = milliseconds;
  return 0;
}

static size_t drop(char *bytes, size_t size, size_t count, void *context) {
  (void)bytes;
  (void)context;
  return size * count;
}

static uint64_t nanoseconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static CURL *make_handle(
    const char *url, const char *authority_file, const char *body, struct curl_slist *headers) {
  CURL *handle = curl_easy_init();
  curl_easy_setopt(handle, CURLOPT_URL, url);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  if (authority_file != NULL) curl_easy_setopt(handle, CURLOPT_CAINFO, authority_file);
  return handle;
}

/// Takes what has ended; each handle goes on with its next request while any are left to begin.
static void finish(loop *own, uint64_t *ended, uint64_t *to_begin, uint64_t *failures) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(own->multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL *handle = message->easy_handle;
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    *ended += 1;
    if (message->data.result != CURLE_OK || status != 200) *failures += 1;
    curl_multi_remove_handle(own->multi, handle);
    if (*to_begin == 0) continue;
    *to_begin -= 1;
    curl_multi_add_handle(own->multi, handle);
  }
}

static uint64_t run(loop *own, CURL **handles, uint64_t parallel, uint64_t requests) {
  uint64_t begun = requests < parallel ? requests : parallel;
  uint64_t ended = 0, to_begin = requests - begun, failures = 0;
  for (uint64_t index = 0; index < begun; index++) curl_multi_add_handle(own->multi, handles[index]);
  struct epoll_event events[256];
  int running;
  while (ended < requests) {
    int count = epoll_wait(own->epoll, events, 256, (int)own->wait);
    if (count == 0) {
      own->wait = -1;
      curl_multi_socket_action(own->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (int index = 0; index < count; index++) {
      int ready = 0;
      if (events[index].events & (EPOLLIN | EPOLLHUP)) ready |= CURL_CSELECT_IN;
      if (events[index].events & EPOLLOUT) ready |= CURL_CSELECT_OUT;
      curl_multi_socket_action(own->multi, events[index].data.fd, ready, &running);
    }
    finish(own, &ended, &to_begin, &failures);
  }
  return failures;
}

libcurl_loop_result libcurl_loop_run(
    const char *url, const char *authority_file, const char *body, uint64_t requests, uint64_t parallel) {
  loop own = {.multi = curl_multi_init(), .epoll = epoll_create1(EPOLL_CLOEXEC), .wait = -1};
  curl_multi_setopt(own.multi, CURLMOPT_SOCKETFUNCTION, watch);
  curl_multi_setopt(own.multi, CURLMOPT_SOCKETDATA, &own);
  curl_multi_setopt(own.multi, CURLMOPT_TIMERFUNCTION, set_timer);
  curl_multi_setopt(own.multi, CURLMOPT_TIMERDATA, &own);
  curl_multi_setopt(own.multi, CURLMOPT_MAXCONNECTS, (long)parallel);
  struct curl_slist *headers = NULL;
  const char *lines[] = {
    "Content-Type: application/json", "Accept: application/json", "Accept-Encoding: gzip, deflate",
    "User-Agent: libcurl-loop", "Expect:",
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  };
  for (size_t index = 0; index < sizeof lines / sizeof *lines; index++) {
    headers = curl_slist_append(headers, lines[index]);
  }
  CURL *handles[parallel];
  for (uint64_t index = 0; index < parallel; index++) handles[index] = make_handle(url, authority_file, body, headers);

  libcurl_loop_result result = {.failures = run(&own, handles, parallel, parallel * 4)};
  uint64_t cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID), start = nanoseconds(CLOCK_MONOTONIC);
  result.failures += run(&own, handles, parallel, requests);
  result.cpu_nanoseconds = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
  result.elapsed_nanoseconds = nanoseconds(CLOCK_MONOTONIC) - start;

  for (uint64_t index = 0; index < parallel; index++) curl_easy_cleanup(handles[index]);
  curl_multi_cleanup(own.multi);
  curl_slist_free_all(headers);
  close(own.epoll);
  return result;
}
