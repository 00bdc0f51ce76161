/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/doctor.h"

#include "app/ctl_http.h"
#include "app/ctl_orders.h"
#include "app/ctl_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_SIZE = 1200, EXIT_ILL = 1 };

static const char *const verdicts[] = {
    [DOCTOR_GOOD] = "bien", [DOCTOR_WARNING] = "aviso", [DOCTOR_BAD] = "mal"};

void doctor_say(json_t *findings, enum doctor_verdict verdict, const char *subject,
                const char *format, ...)
{
    char sentence[SENTENCE_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    json_t *finding = json_pack("{s:s, s:s, s:s}", "resultado", verdicts[verdict], "que", subject,
                                "frase", sentence);
    if (finding == NULL) /* a modem's text that is no UTF-8 */
        finding = json_pack("{s:s, s:s, s:s}", "resultado", verdicts[verdict], "que", subject,
                            "frase", "No se puede mostrar lo que dice el módem.");
    json_array_append_new(findings, finding);
}

/* NULL = it does not answer. The caller releases it. */
static json_t *ask_daemon(const struct config *config)
{
    json_t *status = NULL;
    if (ctl_http_ask(config->http.control_path, "GET", "/v1/estado", NULL, &status) == EXIT_SUCCESS)
        return status;
    json_decref(status);
    return NULL;
}

static void look_daemon(const struct config *config, const json_t *status, json_t *findings)
{
    if (status != NULL)
        doctor_look_status(status, findings);
    else
        doctor_say(findings, DOCTOR_BAD, "servicio",
                   "contraclaved no contesta: arránquelo con «systemctl start contraclaved» y mire "
                   "«journalctl -u contraclaved».");
    doctor_look_usb(status, findings);
    if (ctl_text(status, "aviso_datos")[0] == '\0') /* else it has been told already */
        doctor_look_file(config, findings);
}

static bool is_ill(const json_t *findings)
{
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *verdict = json_object_get(json_array_get(findings, i), "resultado");
        if (strcmp(json_string_value(verdict), verdicts[DOCTOR_BAD]) == 0)
            return true;
    }
    return false;
}

int doctor_tell(json_t *findings, bool json)
{
    static const struct ctl_column columns[] = {
        {"resultado", "RESULTADO"}, {"que", "QUÉ"}, {"frase", "FRASE"}, {NULL, NULL}};
    if (json)
        ctl_print_json(findings);
    else
        ctl_table_rows(findings, columns);
    int code = is_ill(findings) ? EXIT_ILL : EXIT_SUCCESS;
    json_decref(findings);
    return code;
}

int doctor_run(const struct config *config, const char *const *values, bool json)
{
    (void)values;
    json_t *findings = json_array();
    if (findings == NULL)
        abort();
    json_t *status = ask_daemon(config);
    doctor_look_box(config, status, findings);
    look_daemon(config, status, findings);
    json_decref(status);
    return doctor_tell(findings, json);
}
