/* kube/event.h - core/v1 Events about objects, for people: the same news again raises a count.
 * Owns:    a bounded queue and the names of recent Events.
 * Thread:  loop thread.
 * Errors:  none; an Event that finds the queue full, or that the server refuses, is counted and dropped. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kube/client.h"

#define KUBE_EVENT_QUEUE_MAX   1000
#define KUBE_EVENT_MEMORY_MAX  4096   /* Events that are remembered for counting */
#define KUBE_EVENT_MEMORY_MS   600000 /* after so long the same news is a new Event */
#define KUBE_EVENT_MESSAGE_MAX 1024
#define KUBE_EVENT_BURST       50
#define KUBE_EVENT_EVERY_MS    100 /* beyond the burst */

struct kube_recorder;

struct kube_event {
    const char *api_version; /* of the object that it is about */
    const char *kind;
    const char *namespace; /* "" when cluster-scoped: the Event goes to "default" */
    const char *name;
    const char *uid;              /* "" when unknown */
    const char *resource_version; /* "" when unknown */
    bool warning;
    const char *reason; /* UpperCamelCase */
    const char *message;
};

/* Copies component ("kongruent") and instance (the pod's name). */
struct kube_recorder *kube_recorder_new(struct kube_client *client, const char *component, const char *instance);
void kube_recorder_free(struct kube_recorder *recorder);

void kube_event_write(struct kube_recorder *recorder, const struct kube_event *event); /* copies */

struct kube_event_counts {
    uint64_t created, repeated, dropped, refused;
    size_t waiting; /* in the queue or under way */
};
struct kube_event_counts kube_event_counts(const struct kube_recorder *recorder);
