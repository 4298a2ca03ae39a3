/* Which library looks at an expression depends on the router: the traditional one matches by PCRE2, expressions by Rust's library, and
 * traditional_compatible checks by the one and matches by the other. */
#include "host_regex.h"

#include <string.h>

#include "base/regex.h"

int host_regex_check(const char *pattern, size_t length, const char *flavor, struct err *err)
{
    int rc = 0;
    if (strcmp(flavor, "expressions") != 0)
        rc = regex_check_pcre(pattern, length, err);
    if (rc == 0 && strcmp(flavor, "traditional") != 0)
        rc = regex_check_rust(pattern, length, err);
    return rc;
}
