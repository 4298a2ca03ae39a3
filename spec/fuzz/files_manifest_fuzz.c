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

static void check_finding(void *user, const struct files_finding *finding)
{
    require_that(finding->file[0] != '\0' && finding->line > 0 && finding->kind[0] != '\0');
    require_that(finding->name[0] != '\0' && finding->namespace != NULL && finding->text[0] != '\0');
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
        .kinds = kinds, .default_namespace = "default", .object = check_object, .finding = check_finding};
    struct err err = ERR_INIT;
    for (int way = 0; way < 3; way++) {
        reader.check = way == 0 ? NULL : object_check_new(way == 1);
        if (files_read(&reader, path, &err) != 0)
            require_that(err.text[0] != '\0');
        object_check_free(reader.check);
    }
    store_kinds_free(kinds);
    close(fd);
    return 0;
}
