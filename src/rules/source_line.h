/* source_line.h - on which line of a rule file a word stands: Lua keeps no places of tables.
 * Owns: nothing.   Thread: any.   Errors: where the word is not found, `otherwise`. */
#pragma once

/* Where `key` is given a value, or a function of that name begins. */
int source_line_of_key(const char *text, const char *key, int otherwise);
/* Where `word` stands, from `first_line` on; else `first_line`. */
int source_line_of_text(const char *text, const char *word, int first_line);
/* Of the last `return` that begins a line; else 1. */
int source_line_of_return(const char *text);
