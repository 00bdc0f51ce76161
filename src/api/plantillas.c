/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GET /v1/registro/plantillas/{nombre}/{idioma}: the town's own text of a paper of the desk, from
 * the folder `plantillas`. Where it has none, the pages have that of conf/plantillas. A small file
 * of the box's own disk, read when a clerk prints.
 */
#include "api/resources.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/utf8.h"
#include "domain/text.h"
#include "http/exchange.h"
#include "http/json_write.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEMPLATE_MAX = 16 * 1024 };

static bool is_paper(const char *name)
{
    return strcmp(name, "instancia") == 0 || strcmp(name, "justificante") == 0;
}

/* Puts the text of the file; the caller's buffer has TEMPLATE_MAX + 1 bytes. */
static enum cc_err put_template(const char *path, char *text, struct buf *out)
{
    size_t len = 0;
    enum cc_err err = fsx_read(path, text, TEMPLATE_MAX, &len);
    text[len] = '\0';
    if (err == CC_OK && (!utf8_is_valid(text, len) || strlen(text) != len))
        err = CC_ERR_CORRUPT;
    if (err != CC_OK && err != CC_ERR_NOT_FOUND)
        log_error("plantillas: %s no se puede usar; debe ser texto en UTF-8 de hasta 16 KB", path);
    json_put_text(out, "texto", text);
    return err;
}

enum cc_err plantillas_show(struct exchange *x, struct buf *out)
{
    char path[PATH_MAX];
    enum text_lang lang;
    if (!is_paper(x->params[0].text) ||
        text_lang_parse(x->params[1].text, x->params[1].len, &lang) != CC_OK)
        return CC_ERR_NOT_FOUND;
    int len =
        snprintf(path, sizeof(path), "%s/%s.%s.txt", x->service->settings->desk.template_folder,
                 x->params[0].text, text_lang_token(lang));
    if (len < 0 || (size_t)len >= sizeof(path))
        return CC_ERR_NO_SPACE;
    char *text = malloc(TEMPLATE_MAX + 1);
    enum cc_err err = text != NULL ? put_template(path, text, out) : CC_ERR_MEMORY;
    free(text);
    return err;
}
