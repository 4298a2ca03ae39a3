/* Any text as the body of a rule: it may fail, but neither hang, nor crash, nor make something unsound. */
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "rules_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const char HEAD[] =
    "local M = { api = 1, kind = 'v1/Service', reads = { 'v1/Secret' }, contributes = { 'sink' } }\n"
    "function M:attack(ctx, object, host)\n";
static const char TAIL[] = "\nend\n"
                           "function M:translate(ctx, object)\n"
                           "  self:attack(ctx, object, require 'host')\n"
                           "end\n"
                           "return M\n";
static const char SINK[] = "return { api = 1, shared = 'sink', translate = function(self, ctx, key, contributions)\n"
                           "  ctx:emit('consumer', { username = key, tags = { contributions[1].from.name } })\n"
                           "end }\n";
static const char OBJECT[] = "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\",\"namespace\":"
                             "\"default\"},\"spec\":{\"ports\":[{\"port\":80}]}}";

static char folder[200];

static void write_file(const char *name, const char *text, size_t length)
{
    char path[300];
    snprintf(path, sizeof(path), "%s/rules/%s", folder, name);
    FILE *file = fopen(path, "w");
    require_that(file != NULL && fwrite(text, 1, length, file) == length && fclose(file) == 0);
}

static void remove_folder(void)
{
    char command[400];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    require_that(system(command) == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char rules[300];
    snprintf(folder, sizeof(folder), "%s/kongruent-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    require_that(mkdtemp(folder) != NULL);
    snprintf(rules, sizeof(rules), "%s/rules", folder);
    require_that(mkdir(rules, 0700) == 0);
    write_file("sink.lua", SINK, sizeof(SINK) - 1);
    atexit(remove_folder);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = BUF_OWN;
    buf_append_text(&text, HEAD);
    buf_append(&text, data, size);
    buf_append_text(&text, TAIL);
    write_file("probe.lua", text.data, text.length);
    buf_done(&text);

    struct rules_options options = {
        .bundle = folder, .limits = {.instructions = 200000, .memory = 16u << 20, .time_ms = 2000, .result = 4u << 20}};
    struct rules *rules = NULL;
    struct err err = ERR_INIT;
    if (rules_load(&options, &rules, &err) != 0) {
        require_that(strstr(err.text, ".lua:") != NULL); /* every failure has its place */
        return 0;
    }
    struct object *object = NULL;
    if (object_parse(rules_kind_table(rules), OBJECT, sizeof(OBJECT) - 1, NULL, &object, &err) == 0)
        rules_put(rules, object);
    check_wave(rules);
    rules_free(rules);
    return 0;
}
