/* SPDX-License-Identifier: EUPL-1.2 */
/* The connection: made with an end to the wait, lost, and made again without anybody waiting. */
#include "store/pg/pipeline.h"
#include "store/pg/turns.h"

#include "base/clock.h"
#include "base/span.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/*
 * A warning in a COMMIT says that the wait for a replica was broken off: the transaction is durable
 * in this server alone, and a fail-over would lose it. Source: PostgreSQL 15, syncrep.c.
 */
static void take_notice(void *user, const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    struct pg_db *pg = user;
    if (severity != NULL && strcmp(severity, "WARNING") == 0)
        pg->is_doubtful = true;
}

void pg_lose(struct pg_db *pg)
{
    if (pg->is_open) {
        pg->is_open = false;
        pg->db.has_lost = true;
        pg->db.rollbacks++;
    }
    pg_pipeline_forget(pg);
    PQfinish(pg->conn);
    pg->conn = NULL;
    pg->state = PG_DOWN;
    db_wait_longer(&pg->wait);
}

static void begin_connect(struct pg_db *pg)
{
    pg_names_ask(pg);
    pg->connect_us = clock_mono_us() + PG_NAMES_MS * US_PER_MS;
    pg->state = PG_NAMING;
}

static int ms_left(int64_t deadline_us)
{
    int64_t left_us = deadline_us - clock_mono_us();
    return left_us <= 0 ? 0 : (int)(left_us / US_PER_MS + 1);
}

bool pg_wait_for_file(const struct pg_db *pg, short events, int timeout_ms)
{
    struct pollfd file = {.fd = PQsocket(pg->conn), .events = events};
    int ready = 0;
    do {
        ready = file.fd < 0 ? 1 : poll(&file, 1, timeout_ms);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

void pg_give_time(struct pg_db *pg)
{
    pg->left_us = (pg->serves ? PG_SERVING_MS : PG_OPENING_MS) * US_PER_MS;
}

/* A server that a daemon serves from ends by itself what nobody waits for any more. */
void pg_limit_statements(struct pg_db *pg)
{
    (void)pg_exec(pg, "SET statement_timeout = 800; SET lock_timeout = 500");
    (void)pg_exec(pg, pg->only_reads ? "SET default_transaction_read_only = on"
                                     : "SET idle_in_transaction_session_timeout = 5000");
}

/*
 * A box that loses its power or its network closes nothing: by itself the server would look after
 * two hours, and keep the locks of its name and of the lead till then.
 */
static void limit_absence(struct pg_db *pg)
{
    (void)pg_exec(pg, "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2;"
                      " SET tcp_keepalives_count = 3");
}

/* The server may take a while to notice that the last connection of this daemon is gone. */
static void take_name_again(struct pg_db *pg)
{
    bool is_taken = true;
    if (pg->state == PG_UP && pg->box[0] != '\0' && pg_take_name(pg, &is_taken) == CC_OK &&
        !is_taken)
        (void)pg_note_away(pg, "otro equipo tiene el nombre de este", "");
}

/* Who had the lead asks for it at once, the others with their next beat: alarms stay with one. */
static void take_lead_again(struct pg_db *pg)
{
    if (pg->state == PG_UP && pg->lead > 0 && pg_take_lead(&pg->db) != CC_OK)
        pg->lead = 0;
}

static void end_connect(struct pg_db *pg)
{
    (void)PQsetnonblocking(pg->conn, 1);
    pg->state = PG_UP;
    pg->generation++;
    pg_give_time(pg);
    limit_absence(pg);
    if (pg->serves)
        pg_limit_statements(pg);
    take_name_again(pg);
    take_lead_again(pg);
    if (pg->state != PG_UP)
        return;
    pg->wait.wait_us = 0;
    db_fault_opened(&pg->db);
}

/* Goes on when the names are known; those that are not in time are left out this time. */
static enum cc_err go_on_naming(struct pg_db *pg, bool waits)
{
    struct pg_address address = pg->address;
    struct pg_turns turns;
    while (waits && !pg_names_are_known(pg) && ms_left(pg->connect_us) > 0)
        pg_names_wait(pg, ms_left(pg->connect_us));
    if (!pg_names_are_known(pg) && ms_left(pg->connect_us) > 0)
        return CC_ERR_DB;
    if (!pg_names_apply(pg, &address))
        return pg_note_away(pg, "no se encuentra la dirección de su nombre", "");
    pg_turns_apply(&address, pg->silent, &turns);
    pg->conn = PQconnectStartParams(address.keywords, address.values, 0);
    (void)PQsetNoticeReceiver(pg->conn, take_notice, pg);
    pg->connect_us = clock_mono_us() + PG_CONNECT_MS * US_PER_MS;
    pg->connect_events = POLLOUT; /* as PQconnectStartParams() asks */
    pg->state = PG_CONNECTING;
    return CC_OK;
}

/* Goes on as far as the server has answered; waits: until there is a connection, or none. */
static enum cc_err go_on_connecting(struct pg_db *pg, bool waits)
{
    PostgresPollingStatusType status = PGRES_POLLING_READING;
    while (status != PGRES_POLLING_OK) {
        if (!pg_wait_for_file(pg, pg->connect_events, waits ? ms_left(pg->connect_us) : 0)) {
            if (ms_left(pg->connect_us) > 0)
                return CC_ERR_DB;
            pg->silent++;
            return pg_note_away(pg, "sin respuesta", "");
        }
        status = PQconnectPoll(pg->conn);
        if (status == PGRES_POLLING_FAILED)
            return pg_note_away(pg, pg_tell_failure(pg->conn), "");
        pg->connect_events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    }
    end_connect(pg);
    return pg->state == PG_UP ? CC_OK : CC_ERR_DB;
}

static enum cc_err connect_once(struct pg_db *pg)
{
    begin_connect(pg);
    enum cc_err err = go_on_naming(pg, true);
    return err == CC_OK ? go_on_connecting(pg, true) : err;
}

enum cc_err pg_connect(struct pg_db *pg)
{
    size_t servers = pg_turns_count(&pg->address), silent = pg->silent;
    enum cc_err err = connect_once(pg);
    while (err != CC_OK && pg->silent > silent && pg->silent < servers) {
        silent = pg->silent;
        err = connect_once(pg);
    }
    return err;
}

bool pg_is_ready(struct pg_db *pg)
{
    if (pg->state == PG_DOWN && clock_mono_us() >= pg->wait.retry_us)
        begin_connect(pg);
    if (pg->state == PG_NAMING)
        (void)go_on_naming(pg, false);
    if (pg->state == PG_CONNECTING)
        (void)go_on_connecting(pg, false);
    return pg->state == PG_UP && !pg->db.has_lost;
}
