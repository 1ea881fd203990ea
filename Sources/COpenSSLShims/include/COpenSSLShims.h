// Functions for what libcrypto has as macros that Swift cannot see. There is no logic here.
#ifndef COPENSSLSHIMS_H
#define COPENSSLSHIMS_H

#include <openssl/x509.h>

// XN_FLAG_RFC2253 without the escape of characters beyond ASCII, so that names come as UTF-8.
unsigned long openssl_shim_name_flags(void);

#endif
