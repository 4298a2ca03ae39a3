/* Decides how a host name is looked up: getaddrinfo in a thread that nobody has to wait for. */
#include "net/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Shared by the asker and the thread; who lets go of it last frees it. */
struct question {
    atomic_int holders;
    int event_fd;
    int rc; /* of getaddrinfo; written before the event */
    char *addresses[RESOLVE_ADDRESSES_MAX];
    size_t count;
    char name[];
};

struct resolve {
    struct question *question;
    struct loop_watch *watch;
    resolve_fn *answered;
    void *user;
};

static void let_go(struct question *question)
{
    if (atomic_fetch_sub(&question->holders, 1) != 1)
        return;
    for (size_t i = 0; i < question->count; i++)
        free(question->addresses[i]);
    close(question->event_fd);
    free(question);
}

static bool is_known(const struct question *question, const char *address)
{
    for (size_t i = 0; i < question->count; i++)
        if (strcmp(question->addresses[i], address) == 0)
            return true;
    return false;
}

static void *look_up(void *argument)
{
    struct question *question = argument;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    question->rc = getaddrinfo(question->name, NULL, &hints, &list);
    for (struct addrinfo *at = list; at != NULL && question->count < RESOLVE_ADDRESSES_MAX; at = at->ai_next) {
        char text[NI_MAXHOST];
        if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) == 0 &&
            !is_known(question, text))
            question->addresses[question->count++] = xstrdup(text);
    }
    if (list != NULL)
        freeaddrinfo(list);
    eventfd_write(question->event_fd, 1);
    let_go(question);
    return NULL;
}

void resolve_give_up(struct resolve *resolve)
{
    if (resolve == NULL)
        return;
    loop_watch_free(resolve->watch);
    let_go(resolve->question);
    free(resolve);
}

static void on_answer(void *user, int events)
{
    struct resolve *resolve = user;
    struct question *question = resolve->question;
    resolve_fn *answered = resolve->answered;
    void *answered_user = resolve->user;
    struct err err = ERR_INIT;
    eventfd_t count;
    eventfd_read(question->event_fd, &count);
    if (question->count == 0)
        err_set(&err, ERR_CONNECT, "the name '%s' has no address: %s", question->name,
                question->rc != 0 ? gai_strerror(question->rc) : "the answer is empty");
    loop_watch_free(resolve->watch);
    free(resolve);
    answered(answered_user, (const char *const *)question->addresses, question->count, &err);
    let_go(question);
}

int resolve_start(struct loop *loop, const char *name, resolve_fn *answered, void *user, struct resolve **ret_resolve,
                  struct err *err)
{
    size_t size = strlen(name) + 1;
    struct question *question = xcalloc(1, sizeof(*question) + size);
    memcpy(question->name, name, size);
    atomic_init(&question->holders, 2);
    question->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (question->event_fd < 0) {
        free(question);
        return err_set(err, ERR_IO, "cannot look up '%s': %s", name, strerror(errno));
    }
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int failed = pthread_create(&thread, &attributes, look_up, question);
    pthread_attr_destroy(&attributes);
    if (failed != 0) {
        close(question->event_fd);
        free(question);
        return err_set(err, ERR_IO, "cannot look up '%s': %s", name, strerror(failed));
    }
    struct resolve *resolve = xcalloc(1, sizeof(*resolve));
    resolve->question = question;
    resolve->answered = answered;
    resolve->user = user;
    resolve->watch = loop_watch_new(loop, question->event_fd, LOOP_READ, on_answer, resolve);
    *ret_resolve = resolve;
    return 0;
}
