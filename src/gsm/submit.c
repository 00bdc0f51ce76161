/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/submit.h"

#include "gsm/dcs.h"
#include "gsm/scts.h"
#include "gsm/tpdu.h"
#include "gsm/userdata.h"

#include <string.h>

enum { VP_SHORTEST_S = 300 };

static struct gsm_part part_of(const struct gsm_submit *submit)
{
    struct gsm_part part = {
        .alphabet = submit->alphabet, .concat = submit->concat, .data_len = submit->data_len};
    memcpy(part.data, submit->data, sizeof(part.data));
    return part;
}

static uint8_t first_octet(const struct gsm_submit *submit)
{
    unsigned octet = TPDU_SUBMIT;
    octet |= submit->reject_duplicates ? TPDU_RD : 0U;
    octet |= submit->validity_s != 0 ? TPDU_VPF_RELATIVE : 0U;
    octet |= submit->want_report ? TPDU_SRR : 0U;
    octet |= submit->concat.present ? TPDU_UDHI : 0U;
    return (uint8_t)octet;
}

/* A validity below the shortest that exists cannot be kept: it is refused, not stretched. */
static bool is_in_range(const struct gsm_submit *submit)
{
    const bool is_validity_kept = submit->validity_s == 0 || submit->validity_s >= VP_SHORTEST_S;
    return is_validity_kept && submit->replace <= TPDU_REPLACE_MAX &&
           gsm_addr_is_number(submit->to.text);
}

bool gsm_submit_encode(const struct gsm_submit *submit, struct buf *out, size_t *ret_tpdu_len)
{
    const struct gsm_part part = part_of(submit);
    if (!is_in_range(submit) || !gsm_userdata_fits(&part) || !gsm_sca_encode(submit->smsc, out))
        return false;
    const size_t start = out->len;
    buf_byte(out, first_octet(submit));
    buf_byte(out, submit->reference);
    if (!gsm_addr_encode(submit->to.text, out))
        return false;
    buf_byte(out, submit->replace != 0 ? TPDU_PID_REPLACE + submit->replace : 0);
    buf_byte(out, gsm_dcs_encode(submit->alphabet, submit->flash));
    if (submit->validity_s != 0)
        buf_byte(out, gsm_vp_not_after(submit->validity_s));
    gsm_userdata_encode(&part, out);
    if (!buf_ok(out))
        return false;
    *ret_tpdu_len = out->len - start;
    return true;
}
