/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/method.h"

const struct method_row method_rows[METHODS] = {
    [METHOD_PIN24H] = {"pin24h", {"nif", "clave", "contraclave"}, .is_proved_here = true},
    [METHOD_CERTIFICATE] = {"certificado", {"certificado"}, .is_proved_here = false},
    [METHOD_ASSERTED] = {"afirmado", {"nif"}, .is_proved_here = false},
};
