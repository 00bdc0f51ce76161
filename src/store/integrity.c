/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/integrity.h"

#include "base/log.h"
#include "store/notice.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>

static const struct {
    enum integrity_fact fact;
    const char *sentence;
} facts[] = {
    {INTEGRITY_ROWS,
     "Faltan filas de la base de datos, o alguien ha cambiado los fallos contados o "
     "ha repuesto filas más antiguas."},
    {INTEGRITY_AUDIT, "El registro de auditoría está cortado o cambiado."},
    {INTEGRITY_OLD, "La base de datos es más antigua que la última que se usó en este equipo: es "
                    "una copia anterior o le faltan los últimos cambios."},
    {INTEGRITY_SWAPPED, "La base de datos no es la que se usaba en este equipo."},
    {INTEGRITY_NO_ANCHOR, "Junto a la clave maestra falta el ancla de la base de datos, o no es "
                          "válida: no se puede saber si la base de datos es la última."},
    {INTEGRITY_ANCHOR_IO, "No se puede escribir el ancla junto a la clave maestra: dé al usuario "
                          "del servicio permiso de escritura en esa carpeta y revise el disco."},
    {INTEGRITY_EVIDENCE, "Faltan evidencias de entradas que están en el registro de auditoría: "
                         "alguien las ha quitado de la base de datos. Guarde una copia y avise a "
                         "su responsable de seguridad."},
};
enum { FACTS = sizeof facts / sizeof facts[0] };

static const char advice[] =
    "La sede no se atiende hasta que alguien lo compruebe: ejecute «contraclavectl auditoria "
    "comprobar» y, si esta es la base de datos buena, «contraclavectl auditoria aceptar».";
static const char row_advice[] =
    "no se usan: las ha cambiado alguien sin la clave maestra; mire «contraclavectl auditoria "
    "comprobar».";

static const unsigned doubts =
    INTEGRITY_ROWS | INTEGRITY_AUDIT | INTEGRITY_OLD | INTEGRITY_SWAPPED | INTEGRITY_NO_ANCHOR;

bool integrity_is_in_doubt(const struct store *store)
{
    return (store->integrity.facts & doubts) != 0;
}

static bool is_known(const struct integrity *integrity, enum rowtag_table table, int64_t id)
{
    for (size_t i = 0; i < integrity->count; ++i)
        if (integrity->rows[i].table == table && integrity->rows[i].id == id)
            return true;
    return false;
}

bool integrity_needs_all_rows(enum rowtag_table table)
{
    return table == ROWTAG_FAILURES || table == ROWTAG_META || table == ROWTAG_SIM_PINS;
}

void integrity_add_row(struct store *store, enum rowtag_table table, int64_t id)
{
    struct integrity *integrity = &store->integrity;
    if (is_known(integrity, table, id))
        return;
    integrity->facts |= INTEGRITY_ROW;
    notice_set(store, DATA_ALTERED);
    if (integrity_needs_all_rows(table))
        integrity_add(store, INTEGRITY_ROWS);
    if (integrity->count == INTEGRITY_ROWS_MAX) {
        if (integrity->more++ == 0)
            log_error("base de datos: hay más filas cambiadas sin la clave maestra; no se usan");
        return;
    }
    integrity->rows[integrity->count].table = table;
    integrity->rows[integrity->count++].id = id;
    log_error("base de datos: la fila %" PRId64 " de %s ha sido cambiada sin la clave maestra; no "
              "se usa",
              id, rowtag_table_name(table));
}

void integrity_add(struct store *store, enum integrity_fact fact)
{
    if ((store->integrity.facts & (unsigned)fact) != 0)
        return;
    store->integrity.facts |= (unsigned)fact;
    if (((unsigned)fact & doubts) != 0)
        notice_set(store, DATA_OLD);
    for (size_t i = 0; i < FACTS; ++i)
        if (facts[i].fact == fact)
            log_error("%s%s%s", facts[i].sentence, ((unsigned)fact & doubts) != 0 ? " " : "",
                      ((unsigned)fact & doubts) != 0 ? advice : "");
}

void integrity_remove(struct store *store, enum integrity_fact fact)
{
    store->integrity.facts &= ~(unsigned)fact;
}

void integrity_forget(struct store *store)
{
    unsigned kept = store->integrity.facts & INTEGRITY_ANCHOR_IO;
    store->integrity = (struct integrity){.facts = kept};
    notice_clear(store, DATA_OLD);
    notice_clear(store, DATA_ALTERED);
}

static void say_rows(const struct integrity *integrity, struct buf *out)
{
    buf_str(out, "Hay filas cambiadas (");
    for (size_t i = 0; i < integrity->count; ++i) {
        char text[64];
        (void)snprintf(text, sizeof text, "%s%s %" PRId64, i > 0 ? ", " : "",
                       rowtag_table_name(integrity->rows[i].table), integrity->rows[i].id);
        buf_str(out, text);
    }
    buf_str(out, integrity->more > 0 ? " y otras), que " : "), que ");
    buf_str(out, row_advice);
}

void integrity_say(const struct store *store, struct buf *out)
{
    const struct integrity *integrity = &store->integrity;
    for (size_t i = 0; i < FACTS; ++i) {
        if ((integrity->facts & (unsigned)facts[i].fact) == 0)
            continue;
        buf_str(out, facts[i].sentence);
        buf_byte(out, ' ');
    }
    if (integrity_is_in_doubt(store))
        buf_str(out, advice);
    if ((integrity->facts & INTEGRITY_ROW) == 0)
        return;
    if (integrity_is_in_doubt(store))
        buf_byte(out, ' ');
    say_rows(integrity, out);
}
