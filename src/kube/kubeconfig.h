/* kubeconfig.h - kubeconfig files, merged: for each named entry, and for current-context, the first file that has it
 * counts.
 * Owns:    the parsed files.
 * Thread:  one owner.
 * Errors:  as kube/config.h. */
#pragma once

#include "kube/config.h"

struct kubeconfig;

struct kubeconfig *kubeconfig_new(void);
void kubeconfig_free(struct kubeconfig *files);
DEFINE_CLEANUP(kubeconfig, kubeconfig_free)

int kubeconfig_add_text(struct kubeconfig *files, const char *path, const char *text, size_t length, struct err *err);
int kubeconfig_add_file(struct kubeconfig *files, const char *path, struct err *err);
size_t kubeconfig_count(const struct kubeconfig *files);
/* Fills `config` from a context (NULL: the current one); reads the files that it names. */
int kubeconfig_resolve(const struct kubeconfig *files, const char *context, struct kube_config *config,
                       struct err *err);
