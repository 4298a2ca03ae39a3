/* Manifests: any bytes give objects that are whole, documents that are refused with a reason, or an error. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files/source.h"

static void check_object(void *user, struct object *object)
{
    require_that(object->kind != NULL && object->name[0] != '\0' && object->namespace != NULL && object->uid != NULL);
    require_that(strlen(object->text) == object->length && object->text[0] == '{' && object->line > 0);
    for (size_t i = 0; i < object->label_count; i++)
        require_that(object_label(object, object->labels[i].name) != NULL);
    object_unref(object);
}

static void check_bad(void *user, const char *file, int line, const char *title, const struct err *err)
{
    require_that(file[0] != '\0' && line > 0 && title != NULL && err->code != 0 && err->text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("manifest", 0);
    require_that(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    struct store_kinds *kinds = store_kinds_new();
    struct files_reader reader = {
        .kinds = kinds, .default_namespace = "default", .object = check_object, .bad = check_bad};
    struct err err = ERR_INIT;
    if (files_read(&reader, path, &err) != 0)
        require_that(err.text[0] != '\0');
    store_kinds_free(kinds);
    close(fd);
    return 0;
}
