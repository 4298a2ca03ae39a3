/* postgres_server.h - a PostgreSQL server of one's own for a test: in a scratch folder, on a socket in it, ended with
 * the test.  As root it runs as another user, because PostgreSQL refuses to run as root. */
#pragma once

#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "scratch.h"

struct postgres_server {
    struct scratch scratch;
    char *programs, *dsn;
    int port; /* of its socket in the folder, and of TCP where `settings` have listen_addresses */
    pid_t process;
    PGconn *admin; /* blocking, as the owner of the tables */
};

/* The newest server's programs; NULL: there is none. */
static inline char *postgres_programs(void)
{
    const char *given = getenv("KONGRUENT_POSTGRES_BIN");
    glob_t found;
    char *programs = NULL;
    if (given != NULL)
        return xstrdup(given);
    if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0)
        programs = xstrndup(found.gl_pathv[found.gl_pathc - 1],
                            strlen(found.gl_pathv[found.gl_pathc - 1]) - strlen("/initdb"));
    globfree(&found);
    return programs;
}

/* True, and says so, when the tests that need a server cannot run. */
static inline bool postgres_missing(void)
{
    AUTO(text) char *programs = postgres_programs();
    AUTO(text) char *initdb = xasprintf("%s/initdb", programs != NULL ? programs : "");
    bool missing = access(initdb, X_OK) != 0;
    if (missing)
        print_message(
            "SKIPPED: there is no PostgreSQL server (install postgresql-15, or set KONGRUENT_POSTGRES_BIN)\n");
    return missing;
}

static inline const struct passwd *postgres_runner(void)
{
    const struct passwd *user = getpwnam("postgres");
    return user != NULL ? user : getpwnam("nobody");
}

/* The child of a fork: another user, silent, and it does not outlive us. */
static inline void postgres_exec(const struct postgres_server *server, const char *program,
                                 const char *const *arguments)
{
    AUTO(text) char *path = xasprintf("%s/%s", server->programs, program);
    AUTO(text) char *log = xasprintf("%s/log", server->scratch.path);
    if (getuid() == 0 &&
        (setgroups(0, NULL) != 0 || setgid(postgres_runner()->pw_gid) != 0 || setuid(postgres_runner()->pw_uid) != 0))
        _exit(1);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (freopen(log, "a", stdout) == NULL || freopen(log, "a", stderr) == NULL || chdir("/") != 0)
        _exit(1);
    execv(path, (char *const *)(uintptr_t)arguments);
    _exit(1);
}

static inline void postgres_run(const struct postgres_server *server, const char *program, const char *const *arguments)
{
    int status = 0;
    pid_t process = fork();
    if (process == 0)
        postgres_exec(server, program, arguments);
    assert_int_equal(waitpid(process, &status, 0), process);
    assert_int_equal(status, 0);
}

static inline void postgres_launch(struct postgres_server *server)
{
    AUTO(text) char *data = xasprintf("%s/data", server->scratch.path);
    const char *const arguments[] = {"postgres", "-D", data, NULL};
    server->process = fork();
    if (server->process == 0)
        postgres_exec(server, "postgres", arguments);
    assert_true(server->process > 0);
    AUTO(text) char *any = xasprintf("%s dbname=postgres connect_timeout=2", server->dsn);
    for (int tries = 0; PQping(any) != PQPING_OK; tries++) {
        assert_true(tries < 1200);
        usleep(50000);
    }
}

static inline void postgres_halt(struct postgres_server *server)
{
    PQfinish(server->admin);
    server->admin = NULL;
    kill(server->process, SIGQUIT);
    waitpid(server->process, NULL, 0);
}

static inline void postgres_connect(struct postgres_server *server)
{
    AUTO(text) char *dsn = xasprintf("%s dbname=kong", server->dsn);
    server->admin = PQconnectdb(dsn);
    assert_int_equal(PQstatus(server->admin), CONNECTION_OK);
    PQclear(PQexec(server->admin, "SET client_min_messages = error"));
}

/* One or more statements; they must succeed. */
static inline void postgres_sql(const struct postgres_server *server, const char *sql)
{
    PGresult *result = PQexec(server->admin, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(server->admin));
    PQclear(result);
}

/* The answer's only value is true. */
static inline bool postgres_says(const struct postgres_server *server, const char *sql)
{
    PGresult *result = PQexec(server->admin, sql);
    bool says = PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    PQclear(result);
    return says;
}

static inline void postgres_sql_file(const struct postgres_server *server, const char *path)
{
    AUTO(buf) struct buf text = BUF_OWN;
    struct err err = ERR_INIT;
    AUTO(text) char *full = xasprintf("%s/%s", KONGRUENT_SOURCE_DIR, path);
    assert_int_equal(file_read(full, &text, &err), 0);
    postgres_sql(server, buf_text(&text));
}

/* Below the scratch folder, for the server to read. */
static inline void postgres_write(const struct postgres_server *server, const char *name, const char *text)
{
    AUTO(text) char *path = xasprintf("%s/%s", server->scratch.path, name);
    scratch_write(&server->scratch, name, text);
    assert_int_equal(chmod(path, 0600), 0); /* else it would not take a key */
    if (getuid() == 0)
        assert_int_equal(chown(path, postgres_runner()->pw_uid, postgres_runner()->pw_gid), 0);
}

/* One that nobody has at present. */
static inline int postgres_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

/* The folder, and where it will listen. */
static inline struct postgres_server *postgres_prepare(void)
{
    struct postgres_server *server = xcalloc(1, sizeof(*server));
    scratch_make(&server->scratch);
    server->programs = postgres_programs();
    server->port = postgres_free_port();
    server->dsn = xasprintf("host=%s port=%d user=kong", server->scratch.path, server->port);
    if (getuid() == 0)
        assert_int_equal(chown(server->scratch.path, postgres_runner()->pw_uid, postgres_runner()->pw_gid), 0);
    return server;
}

static inline void postgres_configure(const struct postgres_server *server, const char *settings)
{
    AUTO(text)
    char *conf =
        xasprintf("listen_addresses = ''\nunix_socket_directories = '%s'\nport = %d\nfsync = off\n"
                  "full_page_writes = off\nshared_buffers = 16MB\nmax_connections = 20\nautovacuum = off\n%s\n",
                  server->scratch.path, server->port, settings);
    postgres_write(server, "data/postgresql.conf", conf);
}

/* `settings` are lines of postgresql.conf, `hba` those of pg_hba.conf ("" : everybody is trusted). */
static inline struct postgres_server *postgres_start(const char *settings, const char *hba)
{
    struct postgres_server *server = postgres_prepare();
    AUTO(text) char *data = xasprintf("%s/data", server->scratch.path);
    const char *const arguments[] = {"initdb", "-D", data,   "-U",         "kong",      "-A",
                                     "trust",  "-E", "UTF8", "--locale=C", "--no-sync", NULL};
    postgres_run(server, "initdb", arguments);
    postgres_configure(server, settings);
    if (hba[0] != '\0')
        postgres_write(server, "data/pg_hba.conf", hba);
    postgres_launch(server);
    AUTO(text) char *first = xasprintf("%s dbname=postgres", server->dsn);
    PGconn *conn = PQconnectdb(first);
    PQclear(PQexec(conn, "CREATE DATABASE kong"));
    PQfinish(conn);
    postgres_connect(server);
    postgres_sql_file(server, "spec/support/kong_tables.sql");
    return server;
}

/* A hot standby of a running one. */
static inline struct postgres_server *postgres_replica(const struct postgres_server *primary)
{
    struct postgres_server *server = postgres_prepare();
    AUTO(text) char *data = xasprintf("%s/data", server->scratch.path);
    AUTO(text) char *port = xasprintf("%d", primary->port);
    const char *const arguments[] = {
        "pg_basebackup", "-D", data,     "-h", primary->scratch.path, "-p", port, "-U", "kong", "-R", "-c",
        "fast",          "-X", "stream", NULL};
    postgres_run(server, "pg_basebackup", arguments);
    postgres_configure(server, "");
    postgres_launch(server);
    return server;
}

static inline void postgres_stop(struct postgres_server *server)
{
    if (server == NULL)
        return;
    postgres_halt(server);
    scratch_remove(&server->scratch);
    free(server->programs);
    free(server->dsn);
    free(server);
}
