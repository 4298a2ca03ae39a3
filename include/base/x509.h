/* base/x509.h - the few questions that are asked about PEM certificates (OpenSSL behind the door).
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  negative with a sentence that never contains key material. */
#pragma once

#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"

/* Reads private keys.  Making one costs more than the reading, so whoever checks many pairs keeps one; one owner at a time. */
struct x509_reader;

struct x509_reader *x509_reader_new(void);
void x509_reader_free(struct x509_reader *reader); /* NULL is fine */

/* 0 when the first certificate in `cert_pem` and `key_pem` belong together.  `reader` NULL: one is made for this call. */
int x509_check_pair(struct x509_reader *reader, const char *cert_pem, const char *key_pem, struct err *err);

struct x509_facts {
    int certificates;  /* PEM blocks of type CERTIFICATE */
    bool other_block;  /* the first PEM block is of another type */
    bool is_authority; /* basic constraint CA of the first */
    time_t not_after;  /* of the first, seconds since 1970 */
};

/* Facts of a PEM text; -ERR_PARSE when no block or the certificate cannot be decoded.  `canonical` receives the first certificate's
 * canonical PEM when it is not NULL. */
int x509_read(const char *pem, struct x509_facts *ret_facts, struct buf *canonical, struct err *err);
