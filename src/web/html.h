/* html.h - texts in a page: all that comes from elsewhere is escaped.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include "base/buf.h"

void html_text(struct buf *out, const char *text); /* also fit for an attribute in double quotes */
/* <TAG class="CLASS">TEXT</TAG>; class NULL: none. */
void html_element(struct buf *out, const char *tag, const char *class, const char *text);
