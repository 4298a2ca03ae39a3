/* admin_answer.h - what an HTTP result means.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include "gateway/admin.h"

/* Fills everything but `gateway`; *ret_body is the tree behind answer->body, the caller frees it after the answer's
 * last use. `ret_message` backs answer->message. */
void admin_answer_read(const struct http_result *result, struct kong_answer *ret_answer, struct json **ret_body,
                       struct buf *ret_message);
