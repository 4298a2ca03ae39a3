/* Finding the page's files. */
#include "assets.h"

#include <string.h>

#include "embedded.h"

const struct embedded_text *assets_find(const char *name)
{
    for (const struct embedded_text *text = web_asset_texts; text->name != NULL; text++)
        if (strcmp(text->name, name) == 0)
            return text;
    return NULL;
}

const char *assets_type(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (dot != NULL && strcmp(dot, ".js") == 0)
        return "text/javascript; charset=utf-8";
    if (dot != NULL && strcmp(dot, ".css") == 0)
        return "text/css; charset=utf-8";
    return "image/svg+xml; charset=utf-8";
}
