#include "COpenSSLShims.h"

unsigned long openssl_shim_name_flags(void) {
  return XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
}
