// Typed wrappers of what Swift cannot call: libcurl's variadic functions, and Linux headers that the Glibc module
// leaves out. There is no logic here.
#ifndef CCURLSHIMS_H
#define CCURLSHIMS_H

#include <curl/curl.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

// curl_easy_setopt, by the kind of value.
CURLcode curl_shim_set_long(CURL *handle, CURLoption option, long value);
CURLcode curl_shim_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode curl_shim_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode curl_shim_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode curl_shim_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
// libcurl copies the bytes.
CURLcode curl_shim_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t length);

// curl_easy_setopt for callbacks.
CURLcode curl_shim_set_write_function(CURL *handle, CURLoption option, curl_write_callback function);
CURLcode curl_shim_set_prerequest_function(CURL *handle, curl_prereq_callback function);
CURLcode curl_shim_set_open_socket_function(CURL *handle, curl_opensocket_callback function);
CURLcode curl_shim_set_close_socket_function(CURL *handle, curl_closesocket_callback function);

// curl_easy_getinfo.
CURLcode curl_shim_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode curl_shim_get_pointer(CURL *handle, CURLINFO info, char **value);

// curl_multi_setopt.
CURLMcode curl_shim_multi_set_long(CURLM *multi, CURLMoption option, long value);
CURLMcode curl_shim_multi_set_pointer(CURLM *multi, CURLMoption option, void *value);
CURLMcode curl_shim_multi_set_socket_function(CURLM *multi, curl_socket_callback function);
CURLMcode curl_shim_multi_set_timer_function(CURLM *multi, curl_multi_timer_callback function);

// curl_share_setopt: lets transfers of one thread resume one another's TLS sessions.
CURLSHcode curl_shim_share_tls_sessions(CURLSH *share);

// Names the calling thread, for debuggers; at most 15 characters count.
void curl_shim_name_thread(const char *name);

#endif
