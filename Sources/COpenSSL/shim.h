// OpenSSL 3 as the system has it.
#ifndef LAMINA_COPENSSL_SHIM_H
#define LAMINA_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#endif
