/* SPDX-License-Identifier: EUPL-1.2 */
/* The functions of libpq that the engine calls: the library is loaded by a box that has a server.
 */
#include "store/pg/private.h"

#include "base/library.h"

static struct library libpq = {.names = {"libpq.so.5"}};

bool pg_library_can_load(void)
{
    return library_can_load(&libpq);
}

/* clang-format off */
#define PASS(type, name, parameters, arguments) LIBRARY_FUNCTION(&libpq, return, type, name, parameters, arguments)
#define PASS_VOID(name, parameters, arguments) LIBRARY_FUNCTION(&libpq, , void, name, parameters, arguments)

PASS(PQconninfoOption *, PQconninfoParse, (const char *words, char **ret_error), (words, ret_error))
PASS_VOID(PQconninfoFree, (PQconninfoOption *options), (options))
PASS(PGconn *, PQconnectStartParams, (const char *const *keywords, const char *const *values, int expand), (keywords, values, expand))
PASS(PGconn *, PQconnectdbParams, (const char *const *keywords, const char *const *values, int expand), (keywords, values, expand))
PASS(PostgresPollingStatusType, PQconnectPoll, (PGconn *conn), (conn))
PASS_VOID(PQfinish, (PGconn *conn), (conn))
PASS(int, PQsocket, (const PGconn *conn), (conn))
PASS(int, PQsetnonblocking, (PGconn *conn, int arg), (conn, arg))
PASS(PQnoticeReceiver, PQsetNoticeReceiver, (PGconn *conn, PQnoticeReceiver proc, void *arg), (conn, proc, arg))
PASS(int, PQserverVersion, (const PGconn *conn), (conn))
PASS(const char *, PQparameterStatus, (const PGconn *conn, const char *name), (conn, name))
PASS(int, PQsslInUse, (PGconn *conn), (conn))
PASS(ConnStatusType, PQstatus, (const PGconn *conn), (conn))
PASS(int, PQconnectionNeedsPassword, (const PGconn *conn), (conn))
PASS(PGTransactionStatusType, PQtransactionStatus, (const PGconn *conn), (conn))
PASS(char *, PQerrorMessage, (const PGconn *conn), (conn))
PASS(int, PQsendQuery, (PGconn *conn, const char *query), (conn, query))
PASS(int, PQsendPrepare, (PGconn *conn, const char *name, const char *query, int count, const Oid *types), (conn, name, query, count, types))
PASS(int, PQsendQueryParams, (PGconn *conn, const char *query, int count, const Oid *types, const char *const *values, const int *lengths, const int *formats, int format), (conn, query, count, types, values, lengths, formats, format))
PASS(int, PQsendQueryPrepared, (PGconn *conn, const char *name, int count, const char *const *values, const int *lengths, const int *formats, int format), (conn, name, count, values, lengths, formats, format))
PASS(int, PQsetSingleRowMode, (PGconn *conn), (conn))
PASS(int, PQenterPipelineMode, (PGconn *conn), (conn))
PASS(int, PQexitPipelineMode, (PGconn *conn), (conn))
PASS(int, PQpipelineSync, (PGconn *conn), (conn))
PASS(int, PQputCopyData, (PGconn *conn, const char *bytes, int len), (conn, bytes, len))
PASS(int, PQputCopyEnd, (PGconn *conn, const char *error), (conn, error))
PASS(int, PQflush, (PGconn *conn), (conn))
PASS(int, PQconsumeInput, (PGconn *conn), (conn))
PASS(int, PQisBusy, (PGconn *conn), (conn))
PASS(PGresult *, PQgetResult, (PGconn *conn), (conn))
PASS(ExecStatusType, PQresultStatus, (const PGresult *result), (result))
PASS(char *, PQresultErrorMessage, (const PGresult *result), (result))
PASS(char *, PQresultErrorField, (const PGresult *result, int field), (result, field))
PASS(char *, PQcmdStatus, (PGresult *result), (result))
PASS(char *, PQcmdTuples, (PGresult *result), (result))
PASS(int, PQntuples, (const PGresult *result), (result))
PASS(int, PQnfields, (const PGresult *result), (result))
PASS(Oid, PQftype, (const PGresult *result, int column), (result, column))
PASS(int, PQgetisnull, (const PGresult *result, int row, int column), (result, row, column))
PASS(int, PQgetlength, (const PGresult *result, int row, int column), (result, row, column))
PASS(char *, PQgetvalue, (const PGresult *result, int row, int column), (result, row, column))
PASS_VOID(PQclear, (PGresult *result), (result))
