/* Any bytes as a regular expression: it is taken or refused with a reason, and matching ends. */
#include <stdint.h>
#include <string.h>

#include "base/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t half = size / 2;
    struct err err = ERR_INIT;
    require_that(regex_check_pcre(text, half, &err) == 0 || err.text[0] != '\0');
    err.text[0] = '\0';
    require_that(regex_check_rust(text, half, &err) == 0 || err.text[0] != '\0');
    struct regex *regex = NULL;
    if (regex_new(text, half, &regex, &err) == 0)
        regex_fits(regex, text + half, size - half);
    regex_free(regex);
    return 0;
}
