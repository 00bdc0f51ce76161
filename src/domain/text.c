/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/text.h"

#include "base/template.h"
#include "gsm/gsm7.h"

#include <string.h>
#include <time.h>

enum { PART_SEPTETS = 160, RENDER_MAX = 512 };

/* All of the calendar that an SMS shows, without á í ó ú; the week begins on Sunday (struct tm). */
struct lang {
    const char *code;
    const char *weekdays[7];
    const char *articles[2]; /* of an hour; of one o'clock */
    const char *templates[TEXT_COUNT];
};

static const struct lang langs[TEXT_LANG_COUNT] = {
    [TEXT_LANG_ES] =
        {"es",
         {"dom", "lun", "mar", "mie", "jue", "vie", "sab"},
         {"las", "la"},
         {"{entidad}: su contraclave PIN24H es {codigo} ({cifras} cifras). Caduca a {las} {hora} "
          "del {dia}.",
          "{entidad}: su PIN24H ha quedado bloqueado por demasiados intentos fallidos. "
          "Si no ha sido usted, avise al Registro.",
          "{entidad}: SMS de prueba. No tiene que hacer nada.",
          "{entidad}: se ha pedido su PIN24H varias veces. Si no ha sido usted, avise al Registro. "
          "Si ha sido usted, indique su dato de contraste.",
          "{entidad}: su dato de contraste ya no vale para el PIN24H, por demasiados intentos "
          "fallidos. Si no ha sido usted, avise al Registro.",
          "{entidad}: su PIN24H queda suspendido. Para volver a usarlo, acuda al Registro.",
          "{entidad}: su PIN24H vuelve a estar activo. Si no lo ha pedido usted, avise al "
          "Registro.",
          "{entidad}: los SMS de su PIN24H van ya a otro teléfono. Si no lo ha pedido "
          "usted, avise al Registro.",
          "{entidad}: su PIN24H se ha dado de baja. Si no lo ha pedido usted, avise al "
          "Registro.",
          "{entidad}: su PIN24H queda activo. Ya puede pedir contraclaves. Si no lo ha pedido "
          "usted, avise al Registro.",
          "{entidad}: {codigo} son las cifras para validar su teléfono. Valen 30 minutos. No las "
          "comparta.",
          "{entidad}: su alta en PIN24H no se acepta: el documento no se lee bien. Pida otra con "
          "una copia mejor.",
          "{entidad}: su alta en PIN24H no se acepta: el documento ha caducado. Pida otra con el "
          "nuevo.",
          "{entidad}: su alta en PIN24H no se acepta: falta una cara del documento. Pida otra con "
          "las dos.",
          "{entidad}: su alta en PIN24H no se acepta: sus datos no coinciden con los del "
          "documento. Pida otra.",
          "{entidad}: su alta en PIN24H no se acepta. Pregunte el motivo en el Registro.",
          "{entidad}: lea estas cifras a quien le atiende en el Registro: {codigo}. Valen 30 "
          "minutos.",
          "{entidad}: para terminar su alta en PIN24H, llame al Registro y lea estas cifras: "
          "{codigo}. Valen una semana.",
          "{entidad}: {codigo} son las cifras para entrar en la sede. Valen 10 minutos. No las "
          "comparta.",
          "{entidad}: {codigo} son las cifras para cambiar la contraseña. Valen 10 minutos. Si no "
          "lo ha pedido usted, avise al Registro.",
          "{entidad}: su contraseña queda autorizada. Ya puede entrar con ella. Si no lo ha pedido "
          "usted, avise al Registro."}},
    [TEXT_LANG_CA] =
        {"ca",
         {"dg", "dl", "dt", "dc", "dj", "dv", "ds"},
         {"les", "la"},
         {"{entidad}: la seva contraclau PIN24H és {codigo} ({cifras} xifres). "
          "Caduca a {las} {hora} del {dia}.",
          "{entidad}: el seu PIN24H ha quedat bloquejat per massa intents fallits. "
          "Si no ha estat vostè, avisi al Registre.",
          "{entidad}: SMS de prova. No ha de fer res.",
          "{entidad}: s'ha demanat el seu PIN24H diversos cops. Si no ha estat "
          "vostè, avisi al Registre. Si ho ha estat, indiqui la dada de contrast.",
          "{entidad}: la seva dada de contrast ja no val per al PIN24H, per massa "
          "intents fallits. Si no ha estat vostè, avisi al Registre.",
          "{entidad}: el seu PIN24H queda suspès. Per tornar-lo a fer servir, vagi al "
          "Registre.",
          "{entidad}: el seu PIN24H torna a estar actiu. Si no ho ha demanat vostè, "
          "avisi al Registre.",
          "{entidad}: els SMS del seu PIN24H s'envien ara a un altre telèfon. Si no "
          "ho ha demanat vostè, avisi al Registre.",
          "{entidad}: el seu PIN24H s'ha donat de baixa. Si no ho ha demanat vostè, "
          "avisi al Registre.",
          "{entidad}: el seu PIN24H ja és actiu. Ja pot demanar contraclaus. Si no ho ha demanat "
          "vostè, avisi al Registre.",
          "{entidad}: el seu codi per validar el mòbil és {codigo}. Val 30 minuts. No el "
          "comparteixi.",
          "{entidad}: la seva alta a PIN24H no s'accepta: el document no es llegeix bé. En demani "
          "una altra amb una copia millor.",
          "{entidad}: la seva alta a PIN24H no s'accepta: el document ha caducat. En demani una "
          "altra amb el nou.",
          "{entidad}: la seva alta a PIN24H no s'accepta: falta una cara del document. En demani "
          "una altra amb totes dues.",
          "{entidad}: la seva alta a PIN24H no s'accepta: les seves dades no son les del document. "
          "En demani una altra.",
          "{entidad}: la seva alta a PIN24H no s'accepta. Demani el motiu al Registre.",
          "{entidad}: llegeixi aquestes xifres a qui l'atén al Registre: {codigo}. Valen 30 "
          "minuts.",
          "{entidad}: per acabar la seva alta a PIN24H, truqui al Registre i llegeixi aquestes "
          "xifres: {codigo}. Valen una setmana.",
          "{entidad}: les xifres {codigo} serveixen per entrar a la seu. Valen 10 minuts. No les "
          "comparteixi.",
          "{entidad}: les xifres {codigo} serveixen per canviar la contrasenya. Valen 10 minuts. "
          "Si no ho ha demanat vostè, avisi al Registre.",
          "{entidad}: la seva contrasenya queda autoritzada. Ja pot entrar. Si no ho ha demanat "
          "vostè, avisi al Registre."}},
    [TEXT_LANG_EU] =
        {"eu",
         {"ig", "al", "ar", "az", "og", "or", "lr"},
         {"", ""},
         {"{entidad}: zure PIN24H kontragakoa {codigo} da ({cifras} zifra). "
          "Indarrean {dia} {hora} arte.",
          "{entidad}: zure PIN24H blokeatuta dago, saiakera oker gehiegi egin direlako. "
          "Zu izan ez bazara, jakinarazi Erregistroan.",
          "{entidad}: proba-SMSa. Ez duzu ezer egin behar.",
          "{entidad}: zure PIN24H hainbat aldiz eskatu da. Zu izan ez bazara, jakinarazi "
          "Erregistroan. Zu izan bazara, eman kontraste-datua.",
          "{entidad}: zure kontraste-datuak ez du balio PIN24Hrako, saiakera oker gehiegi egin "
          "direlako. Zu izan ez bazara, jakinarazi Erregistroan.",
          "{entidad}: zure PIN24H etenda dago. Berriro erabiltzeko, joan Erregistrora.",
          "{entidad}: zure PIN24H aktibo dago berriro. Zuk eskatu ez baduzu, jakinarazi "
          "Erregistroan.",
          "{entidad}: zure PIN24H SMSak beste telefono batera bidaltzen dira orain. Zuk eskatu "
          "ez baduzu, jakinarazi Erregistroan.",
          "{entidad}: zure PIN24H baja emanda dago. Zuk eskatu ez baduzu, jakinarazi "
          "Erregistroan.",
          "{entidad}: zure PIN24H aktibo dago. Kontragakoak eska ditzakezu. Zuk eskatu ez baduzu, "
          "jakinarazi Erregistroan.",
          "{entidad}: mugikorra baliozkotzeko kodea {codigo} da. 30 minutuz balio du. Ez "
          "partekatu.",
          "{entidad}: zure PIN24H alta ez da onartu: agiria ez da ondo irakurtzen. Eskatu "
          "berriro, kopia hobearekin.",
          "{entidad}: zure PIN24H alta ez da onartu: agiria iraungita dago. Eskatu berriro, "
          "berriarekin.",
          "{entidad}: zure PIN24H alta ez da onartu: agiriaren alde bat falta da. Eskatu "
          "berriro, biekin.",
          "{entidad}: zure PIN24H alta ez da onartu: datuak ez datoz bat agiriarekin. Eskatu "
          "berriro.",
          "{entidad}: zure PIN24H alta ez da onartu. Galdetu zergatia Erregistroan.",
          "{entidad}: irakurri zifra hauek Erregistroan artatzen zaituenari: {codigo}. 30 minutuz "
          "balio dute.",
          "{entidad}: PIN24H alta amaitzeko, deitu Erregistrora eta irakurri zifra hauek: "
          "{codigo}. Astebetez balio dute.",
          "{entidad}: egoitzan sartzeko zifrak {codigo} dira. 10 minutuz balio dute. Ez partekatu.",
          "{entidad}: pasahitza aldatzeko zifrak {codigo} dira. 10 minutuz balio dute. Zuk eskatu "
          "ez baduzu, jakinarazi Erregistroan.",
          "{entidad}: zure pasahitza baimenduta dago. Sar zaitezke. Zuk eskatu ez baduzu, "
          "jakinarazi Erregistroan."}},
    [TEXT_LANG_GL] =
        {"gl",
         {"dom", "lun", "mar", "mer", "xov", "ven", "sab"},
         {"", ""},
         {"{entidad}: contraclave PIN24H {codigo} ({cifras} cifras). Caduca o {dia}, {hora} h.",
          "{entidad}: o seu PIN24H quedou bloqueado por demasiados intentos errados. "
          "Se non foi vostede, avise no Rexistro.",
          "{entidad}: SMS de proba. Non ten que facer nada.",
          "{entidad}: pediuse o seu PIN24H varias veces. Se non foi vostede, avise no Rexistro. "
          "Se foi vostede, indique o seu dato de contraste.",
          "{entidad}: o seu dato de contraste xa non vale para o PIN24H, por demasiados intentos "
          "errados. Se non foi vostede, avise no Rexistro.",
          "{entidad}: o seu PIN24H queda suspendido. Para volver usalo, acuda ao Rexistro.",
          "{entidad}: o seu PIN24H volve estar activo. Se non o pediu vostede, avise no Rexistro.",
          "{entidad}: os SMS do seu PIN24H van agora a outro teléfono. Se non o pediu "
          "vostede, avise no Rexistro.",
          "{entidad}: o seu PIN24H deuse de baixa. Se non o pediu vostede, avise no Rexistro.",
          "{entidad}: o seu PIN24H queda activo. Xa pode pedir contraclaves. Se non o pediu "
          "vostede, "
          "avise no Rexistro.",
          "{entidad}: {codigo} son as cifras para validar o seu teléfono. Valen 30 minutos. Non as "
          "comparta.",
          "{entidad}: a alta en PIN24H non se acepta: o documento non se le ben. Pida outra cunha "
          "copia mellor.",
          "{entidad}: a alta en PIN24H non se acepta: o documento caducou. Pida outra co novo.",
          "{entidad}: a alta en PIN24H non se acepta: falta unha cara do documento. Pida outra con "
          "ambas.",
          "{entidad}: a alta en PIN24H non se acepta: os seus datos non coinciden cos do "
          "documento. Pida outra.",
          "{entidad}: a alta en PIN24H non se acepta. Pregunte o motivo no Rexistro.",
          "{entidad}: lea estas cifras a quen o atende no Rexistro: {codigo}. Valen 30 minutos.",
          "{entidad}: para rematar a alta en PIN24H, chame ao Rexistro e lea estas cifras: "
          "{codigo}. Valen unha semana.",
          "{entidad}: {codigo} son as cifras para entrar na sede. Valen 10 minutos. Non as "
          "comparta.",
          "{entidad}: {codigo} son as cifras para cambiar o contrasinal. Valen 10 minutos. Se non "
          "o pediu vostede, avise ao Rexistro.",
          "{entidad}: o seu contrasinal queda autorizado. Xa pode entrar con el. Se non o pediu "
          "vostede, avise ao Rexistro."}},
    [TEXT_LANG_EN] =
        {"en",
         {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
         {"", ""},
         {"{entidad}: your PIN24H contraclave is {codigo} ({cifras} digits). "
          "It expires at {hora} on {dia}.",
          "{entidad}: your PIN24H has been locked after too many failed attempts. "
          "If it was not you, tell the Registro.",
          "{entidad}: test SMS. There is nothing you need to do.",
          "{entidad}: your PIN24H has been requested several times. If it was not "
          "you, tell the Registro. If it was, give your contrast datum.",
          "{entidad}: your contrast datum no longer works for PIN24H after too many "
          "failed attempts. If it was not you, tell the Registro.",
          "{entidad}: your PIN24H is suspended. To use it again, go to the Registro.",
          "{entidad}: your PIN24H is active again. If you did not ask for it, tell "
          "the Registro.",
          "{entidad}: the SMS of your PIN24H now go to another phone. If you did not "
          "ask for it, tell the Registro.",
          "{entidad}: your PIN24H has been ended. If you did not ask for it, tell "
          "the Registro.",
          "{entidad}: your PIN24H is active. You can ask for contraclaves now. If you "
          "did not ask for it, "
          "tell the Registro.",
          "{entidad}: your code to validate the mobile is {codigo}. It is valid for 30 minutes. Do "
          "not share it.",
          "{entidad}: your PIN24H registration is not accepted: the document cannot be read. Apply "
          "again with a better copy.",
          "{entidad}: your PIN24H registration is not accepted: the document has expired. Apply "
          "again with the new one.",
          "{entidad}: your PIN24H registration is not accepted: a side of the document is missing. "
          "Apply again with both.",
          "{entidad}: your PIN24H registration is not accepted: your data differ from the "
          "document. Apply again.",
          "{entidad}: your PIN24H registration is not accepted. Ask the Registro for the reason.",
          "{entidad}: read these digits out to the clerk at the Registro: {codigo}. They are valid "
          "for 30 minutes.",
          "{entidad}: to finish your PIN24H registration, call the Registro and read these digits "
          "out: {codigo}. They are valid for a week.",
          "{entidad}: {codigo} is your code to enter the sede. It is good for 10 minutes. Do not "
          "share it.",
          "{entidad}: {codigo} is your code to change the password. It is good for 10 minutes. If "
          "you did not ask for it, tell the Registro.",
          "{entidad}: your password is authorised. You can enter with it now. If you did not ask "
          "for it, tell the Registro."}},
};

const char *text_lang_token(enum text_lang lang)
{
    return langs[lang].code;
}

enum cc_err text_lang_parse(const char *text, size_t len, enum text_lang *ret)
{
    for (unsigned i = 0; i < TEXT_LANG_COUNT; i++) {
        if (len == strlen(langs[i].code) && memcmp(text, langs[i].code, len) == 0) {
            *ret = (enum text_lang)i;
            return CC_OK;
        }
    }
    return CC_ERR_LANG_UNKNOWN;
}

struct filling {
    const struct lang *lang;
    const struct text_values *values;
    struct tm expiry;
};

/* "hora" is no fixed "02:00": on the night the clocks go forward the local clock jumps to 03:00. */
static void append_field(const void *user, const char *name, size_t len, struct buf *out)
{
    const struct filling *filling = user;
    const struct lang *lang = filling->lang;
    const struct tm *tm = &filling->expiry;
    if (template_is_name("entidad", name, len))
        buf_str(out, filling->values->entity);
    else if (template_is_name("codigo", name, len))
        buf_str(out, filling->values->code);
    else if (template_is_name("cifras", name, len)) /* as many as the profile decides */
        buf_fmt(out, "%zu", strlen(filling->values->code));
    else if (template_is_name("las", name, len))
        buf_str(out, lang->articles[tm->tm_hour == 1]);
    else if (template_is_name("hora", name, len))
        buf_fmt(out, "%02d:%02d", tm->tm_hour, tm->tm_min);
    else if (template_is_name("dia", name, len))
        buf_fmt(out, "%s %02d/%02d", lang->weekdays[tm->tm_wday], tm->tm_mday, tm->tm_mon + 1);
}

/* Source: WICG "Origin-bound one-time codes delivered via SMS", last line "@host #code". */
static void append_origin(const struct text_values *values, struct buf *out)
{
    if (values->code == NULL || values->origin == NULL || values->origin[0] == '\0')
        return;
    buf_str(out, "\n@");
    buf_str(out, values->origin);
    buf_str(out, " #");
    buf_str(out, values->code);
}

enum cc_err text_render(enum text_lang lang, enum text_id id, const struct text_values *values,
                        struct buf *out)
{
    char storage[RENDER_MAX];
    struct buf text;
    buf_init(&text, storage, sizeof(storage));
    time_t expires_s = (time_t)(values->expires_ms / 1000);
    struct filling filling = {.lang = &langs[lang], .values = values};
    localtime_r(&expires_s, &filling.expiry);
    template_fill(langs[lang].templates[id], append_field, &filling, &text);
    append_origin(values, &text);
    if (!buf_ok(&text))
        return CC_ERR_TEXT_TOO_LONG;
    enum cc_err err = text_fits_gsm7(storage, text.len, NULL, NULL);
    if (err == CC_OK)
        buf_put(out, storage, text.len);
    return err;
}

enum cc_err text_fits_gsm7(const char *utf8, size_t len, size_t *ret_septets, size_t *ret_offset)
{
    uint8_t septets[PART_SEPTETS];
    size_t count = 0;
    size_t bad = 0;
    if (gsm7_from_utf8(utf8, len, septets, sizeof(septets), &count, &bad)) {
        if (ret_septets != NULL)
            *ret_septets = count;
        return CC_OK;
    }
    if (bad == len)
        return CC_ERR_TEXT_TOO_LONG;
    if (ret_offset != NULL)
        *ret_offset = bad;
    return CC_ERR_TEXT_NOT_GSM7;
}
