/* The only place that knows PCRE2. */
#include "base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <string.h>

#define DFA_WORDS_LEAST    2000 /* of the workspace: as many ways at once */
#define DFA_WORDS_PER_BYTE 16
#define DFA_WORDS_MOST     262144
#define DFA_MATCH_LIMIT    1000000 /* steps */

struct regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
};

static int compile(const char *pattern, size_t length, uint32_t options, pcre2_code **ret_code, struct err *err)
{
    if (length > REGEX_BYTES_MAX)
        return err_set(err, ERR_TOO_BIG, "the expression is longer than %d bytes", REGEX_BYTES_MAX);
    int number = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, length, options, &number, &offset, NULL);
    if (code == NULL) {
        PCRE2_UCHAR text[256];
        pcre2_get_error_message(number, text, sizeof(text));
        return err_set(err, ERR_PARSE, "%s, at character %zu", (const char *)text, offset + (offset < length));
    }
    *ret_code = code;
    return 0;
}

int regex_check_pcre(const char *pattern, size_t length, struct err *err)
{
    pcre2_code *code = NULL;
    int rc = compile(pattern, length, 0, &code, err);
    pcre2_code_free(code);
    return rc;
}

int regex_new(const char *pattern, size_t length, struct regex **ret_regex, struct err *err)
{
    pcre2_code *code = NULL;
    int rc = compile(pattern, length, PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &code, err);
    if (rc != 0)
        return rc;
    struct regex *regex = xcalloc(1, sizeof(*regex));
    regex->code = code;
    regex->match = pcre2_match_data_create(1, NULL);
    regex->limits = pcre2_match_context_create(NULL);
    require_that(regex->match != NULL && regex->limits != NULL);
    pcre2_set_match_limit(regex->limits, DFA_MATCH_LIMIT);
    *ret_regex = regex;
    return 0;
}

void regex_free(struct regex *regex)
{
    if (regex == NULL)
        return;
    pcre2_code_free(regex->code);
    pcre2_match_data_free(regex->match);
    pcre2_match_context_free(regex->limits);
    free(regex);
}

/* All ways at once, because the way with backtracking takes exponential time on some of the patterns in use. */
bool regex_fits(struct regex *regex, const char *text, size_t length)
{
    size_t words = DFA_WORDS_LEAST + DFA_WORDS_PER_BYTE * length;
    words = words < DFA_WORDS_MOST ? words : DFA_WORDS_MOST;
    int *workspace = xmalloc(words * sizeof(*workspace));
    int rc = pcre2_dfa_match(regex->code, (PCRE2_SPTR)text, length, 0, PCRE2_DFA_SHORTEST, regex->match, regex->limits,
                             workspace, words);
    free(workspace);
    return rc >= 0 || rc < PCRE2_ERROR_UTF8_ERR21; /* what is over a limit cannot be told */
}
