/* session_fixture.h - a session with an Admin API on a real socket, and what its callbacks saw. */
#pragma once

#include "fake_kong.h"
#include "gateway/session.h"

#define WATCHDOG_MS 20000 /* a test that hangs fails; none depends on how long anything takes */

struct fixture {
    struct loop *loop;
    struct fake_kong *kong;
    struct kong_gateways *gateways;
    struct kong_session *session;
    struct loop_timer *watchdog;
    bool idle, converged, hung, drained;
    bool stop_when_idle; /* or only when converged */
    bool may_not_write;
    size_t lost, reads;
};

static inline void on_idle(void *user, bool converged)
{
    struct fixture *fixture = user;
    fixture->idle = true;
    fixture->converged = converged;
    if (converged || fixture->stop_when_idle)
        loop_stop(fixture->loop);
}

static inline void on_lost(void *user, const char *text)
{
    ((struct fixture *)user)->lost++;
}

static inline void on_read(void *user, size_t entities)
{
    ((struct fixture *)user)->reads++;
}

static inline bool may_write(void *user)
{
    return !((struct fixture *)user)->may_not_write;
}

static inline void on_hung(void *user)
{
    struct fixture *fixture = user;
    fixture->hung = true;
    loop_stop(fixture->loop);
}

static inline void new_session(struct fixture *fixture, enum kong_policy policy)
{
    static const char *const owner[] = {"mine"};
    struct err err = ERR_INIT;
    struct kong_session_options options = {
        .tags = owner, .tag_count = 1, .plan = {.policy = policy}, .admin = {.token = "token"}, .looks = true};
    struct kong_session_callbacks callbacks = {
        .user = fixture, .idle = on_idle, .lost = on_lost, .read = on_read, .may_write = may_write};
    assert_int_equal(kong_session_new(fixture->loop, fixture->gateways, &options, &callbacks, &fixture->session, &err),
                     0);
}

static inline struct fixture *fixture_new(void)
{
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));
    struct err err = ERR_INIT;
    assert_int_equal(loop_new(&fixture->loop, &err), 0);
    fixture->kong = fake_kong_new(fixture->loop);
    fixture->gateways = kong_gateways_new();
    const char *const urls[] = {fixture->kong->url};
    kong_gateways_set(fixture->gateways, urls, 1);
    fixture->watchdog = loop_timer_new(fixture->loop, on_hung, fixture);
    new_session(fixture, KONG_POLICY_SYNC);
    return fixture;
}

static inline int teardown(void **state)
{
    struct fixture *fixture = *state;
    kong_session_free(fixture->session);
    kong_gateways_free(fixture->gateways);
    loop_timer_free(fixture->watchdog);
    fake_kong_free(fixture->kong);
    loop_free(fixture->loop);
    free(fixture);
    return 0;
}

static inline void restart(struct fixture *fixture, enum kong_policy policy)
{
    kong_session_free(fixture->session);
    new_session(fixture, policy);
    buf_clear(&fixture->kong->log);
}

static inline void run_until(struct fixture *fixture, bool converged)
{
    fixture->idle = fixture->hung = false;
    fixture->stop_when_idle = !converged;
    loop_timer_start(fixture->watchdog, WATCHDOG_MS);
    loop_run(fixture->loop);
    loop_timer_stop(fixture->watchdog);
    assert_false(fixture->hung);
}

/* Requests so far whose line in the log begins so. */
static inline size_t count_lines(const struct fixture *fixture, const char *start)
{
    size_t count = 0;
    for (const char *line = buf_text(&fixture->kong->log); *line != '\0'; line = strchr(line, '\n') + 1)
        count += strncmp(line, start, strlen(start)) == 0;
    return count;
}
