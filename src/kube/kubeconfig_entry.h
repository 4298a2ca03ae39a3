/* kubeconfig_entry.h - what one cluster and one user of a kubeconfig say.
 * Owns: nothing.   Thread: any.   Errors: as kube/config.h. */
#pragma once

#include "kube/config.h"
#include "place.h"

int kubeconfig_take_cluster(const struct place *cluster, struct kube_config *config, struct err *err);
/* After the cluster, which credential programs may be told about. */
int kubeconfig_take_user(const struct place *user, const struct place *cluster, struct kube_config *config,
                         struct err *err);
int kubeconfig_take_exec(const struct place *user, const struct place *cluster, struct kube_config *config,
                         struct err *err);
