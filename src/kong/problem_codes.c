/* Decides which problem codes exist and what they tell people; sorted by code. */
#include "kong/problem_codes.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* Something is missing that may be on its way. */
#define AWAITS(code, severity, cause, remedy)                                                                          \
    {                                                                                                                  \
        code, severity, cause, remedy, true                                                                            \
    }
#define STANDS(code, severity, cause, remedy)                                                                          \
    {                                                                                                                  \
        code, severity, cause, remedy, false                                                                           \
    }

static const struct problem_code codes[] = {
    AWAITS("BackendNotFound", PROBLEM_ERROR, "A backend that the object names does not exist or cannot be used.",
           "Create the backend, or correct its name, kind or group."),
    STANDS("CertificateConflict", PROBLEM_WARN,
           "Two objects give different certificates for one host; the older one serves.",
           "Let one object own the host."),
    AWAITS("ConsumerGroupNotFound", PROBLEM_ERROR, "A consumer names a KongConsumerGroup that does not exist.",
           "Create the KongConsumerGroup in the consumer's namespace, or take the name out."),
    STANDS("ConsumerInvalid", PROBLEM_ERROR, "A consumer has neither a username nor a custom id.",
           "Set `username` or `custom_id`."),
    STANDS("CredentialConflict", PROBLEM_ERROR, "Two credentials claim the same key, username or client id.",
           "Give each credential its own value."),
    STANDS("CredentialInvalid", PROBLEM_ERROR, "A credential Secret lacks a field, or a field cannot be used.",
           "Complete the Secret as its credential type demands."),
    STANDS("CredentialTypeUnknown", PROBLEM_ERROR, "A Secret has no credential type, or one that is not known.",
           "Set the label `konghq.com/credential` to a known type."),
    STANDS("DanglingReference", PROBLEM_ERROR, "An entity refers to another that is not wanted, so it cannot be sent.",
           "See the problems of the object that should have made the missing entity."),
    STANDS(
        "DeletesHeld", PROBLEM_ERROR,
        "Objects were deleted, or are not ours any more, in a burst above the limit, so what they became is kept until "
        "somebody approves.",
        "Check it with `kongruent diff`; approve it with `kongruent approve HASH`, or bring the objects back."),
    STANDS("DriftFound", PROBLEM_WARN, "Somebody has changed the entity in the gateway, and drift is only reported.",
           "Undo the change there, or let drift be set right."),
    STANDS("DuplicateEntity", PROBLEM_ERROR, "Two objects make the same Kong entity; the older one is kept.",
           "Rename or remove one of the objects."),
    STANDS("DuplicateObject", PROBLEM_WARN, "An object stands twice in the files; the one that is read later counts.",
           "Remove one of them."),
    STANDS("HostClaimed", PROBLEM_WARN, "Another, older object has claimed the host.",
           "Use another host, or remove the other claim."),
    STANDS("InconsistentAnnotation", PROBLEM_ERROR,
           "Services behind one backend carry different konghq.com annotations.",
           "Give all of them the same annotations."),
    STANDS("IngressClassConflict", PROBLEM_WARN,
           "Several objects claim to be the default, or the class is given twice.", "Leave one of them."),
    STANDS("InvalidAnnotation", PROBLEM_ERROR, "An annotation's value cannot be understood.",
           "Correct the value as the reference of annotations says."),
    STANDS("InvalidCACertificate", PROBLEM_ERROR,
           "A CA certificate is not PEM, has expired, is no CA, or lacks its id.",
           "Put one CA certificate into the key `cert` and a UUID into `id`."),
    STANDS("InvalidCertificate", PROBLEM_ERROR, "A certificate and its key cannot be read or do not belong together.",
           "Put a matching pair into `tls.crt` and `tls.key`."),
    STANDS("InvalidObject", PROBLEM_ERROR,
           "A file or an object cannot be used: it cannot be read, an API server would refuse it, or its fields ask "
           "for what "
           "cannot be had.",
           "Correct it at the line and field that are named; what an object of a file made before stays meanwhile."),
    STANDS("InvalidPath", PROBLEM_ERROR, "A path or regular expression cannot be used.", "Correct the path."),
    STANDS("InvalidTag", PROBLEM_WARN, "A tag has characters that Kong refuses, or pretends to be one of ours.",
           "Use printable characters other than `,` and `/`, and no prefix `k8s-`."),
    STANDS("KindMissing", PROBLEM_ERROR,
           "The gateway holds entities made from objects of this kind, but the API server does not serve the kind, so "
           "nothing is deleted.",
           "Install the kind's definition again; if it was removed on purpose, name it in --removed-kinds."),
    STANDS("KongForeignKey", PROBLEM_ERROR,
           "Kong says that something the entity refers to does not exist, or still refers to it.",
           "It is retried; if it stays, look for entities that others changed in the gateway."),
    STANDS("KongForeignOwner", PROBLEM_ERROR,
           "An entity that is not ours has the same name in the gateway; it is left alone.",
           "Rename one of them, or adopt the existing entity with `kongruent adopt`."),
    STANDS("KongRefused", PROBLEM_ERROR, "Kong's schema does not accept the entity.",
           "Correct the object as Kong's message says."),
    STANDS("KongUnavailable", PROBLEM_WARN, "The gateway cannot be reached or has an inner error; it is retried.",
           "See to the gateway and its database."),
    STANDS("KongUnique", PROBLEM_ERROR, "Another entity of ours in the gateway has the same unique value.",
           "Give each its own value."),
    STANDS("KongUnreadable", PROBLEM_ERROR,
           "The gateway does not let a kind of entity be listed; none of it is deleted.",
           "Permit the Admin API's user to list it; it is asked for again by itself."),
    STANDS("KongUnsupported", PROBLEM_ERROR,
           "This gateway lacks the kind of entity, so it and what depends on it is not sent.",
           "Use a gateway edition or version that has it, or remove the object."),
    STANDS("LiteralPath", PROBLEM_WARN, "A path looks like a regular expression, and is taken as it stands.",
           "Give it the type ImplementationSpecific and begin it with `/~`, or escape nothing if it is meant so."),
    STANDS("NoObject", PROBLEM_INFO,
           "A document of a file is no Kubernetes object: it lacks `apiVersion` or `kind`, and nothing in it looks "
           "like one.",
           "Nothing, if it is not meant to be one; else complete it."),
    AWAITS("NoReferenceGrant", PROBLEM_ERROR, "A reference into another namespace is not permitted there.",
           "Create a ReferenceGrant in the other namespace."),
    AWAITS("ParentNotFound", PROBLEM_ERROR, "The object's parent does not exist or does not take it.",
           "Correct the parent reference."),
    STANDS("PluginConfigInvalid", PROBLEM_ERROR, "A plugin's configuration cannot be put together.",
           "Correct `config`, `configFrom` or `configPatches`."),
    STANDS("PluginConflict", PROBLEM_ERROR, "Two plugins of one type apply at the same place.", "Leave one of them."),
    AWAITS("PluginNotFound", PROBLEM_ERROR, "A KongPlugin or KongClusterPlugin that is named does not exist.",
           "Create the plugin, or take its name out of the annotation."),
    STANDS("PolicyConflict", PROBLEM_ERROR, "Several policies apply to one object and contradict each other.",
           "Leave one of them."),
    AWAITS("PolicyNotFound", PROBLEM_ERROR, "A policy that is named does not exist.",
           "Create the policy, or take its name out."),
    AWAITS("PortNotFound", PROBLEM_ERROR, "A Service has no such port.", "Name a port that the Service has."),
    STANDS("RouteWithheld", PROBLEM_ERROR, "A route waits because a plugin that guards it is missing or refused.",
           "Put the plugin right; or serve without it with `--on-missing-plugin=serve`."),
    STANDS("RuleFailed", PROBLEM_ERROR, "A rule raised an error; its last good result stays in place.",
           "Correct the rule at the file and line that are named, or the object that it stumbled over."),
    AWAITS("SecretNotFound", PROBLEM_ERROR, "A Secret or ConfigMap, or a key in it, does not exist.",
           "Create it, or correct its name."),
    AWAITS("ServiceNotFound", PROBLEM_ERROR, "A Service that is named does not exist.",
           "Create the Service, or correct its name."),
    STANDS("UnknownField", PROBLEM_WARN, "An object has a field that its definition does not know; it means nothing.",
           "Correct the field's name or its place, or take it out."),
    STANDS(
        "UnknownKind", PROBLEM_INFO,
        "No rule reads objects of this kind; a warning where it is nearly one that is read, or a version of one that "
        "is not.",
        "Nothing, if it has nothing to do with Kong; else correct apiVersion and kind, or add a rule for it."),
    STANDS("UnreadAnnotation", PROBLEM_WARN,
           "An annotation is one of another controller's, or nearly one that is read, and means nothing.",
           "Use what the text names instead, or take the annotation out."),
    STANDS("UnsupportedBackend", PROBLEM_ERROR, "A backend is of a kind that cannot be used there.", "Use a Service."),
    STANDS("UnsupportedFeature", PROBLEM_WARN, "A field asks for something that Kong cannot do; it is left out.",
           "Take the field out, or use a plugin that does it."),
    AWAITS("Unused", PROBLEM_INFO,
           "Nothing comes of the object: it has no class or another one, its Gateway is missing or somebody else's, or "
           "nothing is attached to it.",
           "Nothing, if that is meant; else set what the text names."),
    STANDS("UpstreamConflict", PROBLEM_ERROR, "Two objects want different settings for one upstream.",
           "Give them the same settings."),
};

const struct problem_code *problem_codes(size_t *ret_count)
{
    *ret_count = COUNT_OF(codes);
    return codes;
}

static int by_code(const void *key, const void *row)
{
    return strcmp(key, ((const struct problem_code *)row)->code);
}

const struct problem_code *problem_code_find(const char *code)
{
    return bsearch(code, codes, COUNT_OF(codes), sizeof(codes[0]), by_code);
}
