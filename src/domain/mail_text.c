/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/mail_text.h"

#include "base/template.h"

struct words {
    const char *subject, *text;
};

static const struct words catalogue[TEXT_LANG_COUNT][MAIL_KINDS] = {
    [TEXT_LANG_ES] =
        {
            [MAIL_TOWN_PENDING] =
                {"Nueva alta a la espera de verificación",
                 "Una persona ha pedido el alta por la sede y ha validado su teléfono móvil.\n\n"
                 "Espera a que se verifique su identidad: abra «Pendientes» en las páginas del "
                 "Registro."},
            [MAIL_WAITING] =
                {"Su alta está a la espera de verificación",
                 "{entidad} ha recibido su solicitud de alta. Está a la espera de que se "
                 "verifique su identidad; después recibirá un SMS.\n\n"
                 "Para confirmar que este correo es suyo, abra este enlace, que vale 24 horas:\n\n"
                 "{enlace}\n\n"
                 "Si no ha pedido el alta, no haga nada."},
            [MAIL_PROVE] =
                {"Confirme su correo",
                 "{entidad} ha anotado este correo en su ficha. Para confirmar que es suyo, abra "
                 "este enlace, que vale 24 horas:\n\n"
                 "{enlace}\n\n"
                 "Si no lo ha pedido, no haga nada."},
            [MAIL_CHANGED] =
                {"Su correo ha cambiado",
                 "{entidad} ha anotado otro correo en su ficha y no escribirá más a este.\n\n"
                 "Si no lo ha pedido, avise al Registro."},
            [MAIL_KEY] = {"Su clave",
                          "{entidad} ha verificado su identidad. Su clave para la sede es:\n\n"
                          "{clave}\n\n"
                          "Entre con su NIF y esta clave en los próximos 30 días. La primera vez "
                          "la cambiará por otra suya, con un código que recibirá por SMS. Sirve "
                          "para identificarse, no para firmar.\n\n"
                          "No se la diga a nadie. Si no la ha pedido, avise al Registro."},
        },
    [TEXT_LANG_CA] =
        {
            [MAIL_TOWN_PENDING] =
                {"Nova alta a l'espera de verificació",
                 "Una persona ha demanat l'alta per la seu i ha validat el seu telèfon mòbil.\n\n"
                 "Espera que es verifiqui la seva identitat: obri «Pendents» a les pàgines del "
                 "Registre."},
            [MAIL_WAITING] =
                {"La seva alta està a l'espera de verificació",
                 "{entidad} ha rebut la seva sol·licitud d'alta. Està a l'espera que es "
                 "verifiqui la seva identitat; després rebrà un SMS.\n\n"
                 "Per confirmar que aquest correu és seu, obri aquest enllaç, que val 24 hores:\n\n"
                 "{enlace}\n\n"
                 "Si no ha demanat l'alta, no faci res."},
            [MAIL_PROVE] =
                {"Confirmi el seu correu",
                 "{entidad} ha anotat aquest correu a la seva fitxa. Per confirmar que és seu, "
                 "obri aquest enllaç, que val 24 hores:\n\n"
                 "{enlace}\n\n"
                 "Si no ho ha demanat, no faci res."},
            [MAIL_CHANGED] = {"El seu correu ha canviat",
                              "{entidad} ha anotat un altre correu a la seva fitxa i no escriurà "
                              "més a aquest.\n\n"
                              "Si no ho ha demanat, avisi al Registre."},
            [MAIL_KEY] =
                {"La seva clau",
                 "{entidad} ha verificat la seva identitat. La seva clau per a la seu és:\n\n"
                 "{clave}\n\n"
                 "Entri amb el seu NIF i aquesta clau en els propers 30 dies. La primera vegada la "
                 "canviarà per una de seva, amb un codi que rebrà per SMS. Serveix per "
                 "identificar-se, no per signar.\n\n"
                 "No la digui a ningú. Si no l'ha demanada, avisi al Registre."},
        },
    [TEXT_LANG_EU] =
        {
            [MAIL_TOWN_PENDING] =
                {"Alta berri bat egiaztatzeko zain",
                 "Pertsona batek alta eskatu du egoitzaren bidez, eta mugikorra baliozkotu du.\n\n"
                 "Nortasuna egiaztatzeko zain dago: ireki «Zain daudenak» Erregistroaren "
                 "orrietan."},
            [MAIL_WAITING] =
                {"Zure alta egiaztatzeko zain dago",
                 "{entidad} erakundeak zure alta-eskaera jaso du. Nortasuna egiaztatzeko zain "
                 "dago; gero SMS bat jasoko duzu.\n\n"
                 "Helbide elektroniko hau zurea dela berresteko, ireki esteka hau; 24 orduz "
                 "balio du:\n\n"
                 "{enlace}\n\n"
                 "Alta eskatu ez baduzu, ez egin ezer."},
            [MAIL_PROVE] =
                {"Berretsi zure helbide elektronikoa",
                 "{entidad} erakundeak helbide hau idatzi du zure fitxan. Zurea dela berresteko, "
                 "ireki esteka hau; 24 orduz balio du:\n\n"
                 "{enlace}\n\n"
                 "Eskatu ez baduzu, ez egin ezer."},
            [MAIL_CHANGED] =
                {"Zure helbide elektronikoa aldatu da",
                 "{entidad} erakundeak beste helbide bat idatzi du zure fitxan, eta ez du "
                 "gehiago honetara idatziko.\n\n"
                 "Eskatu ez baduzu, jakinarazi Erregistroan."},
            [MAIL_KEY] = {"Zure gakoa",
                          "{entidad} erakundeak zure nortasuna egiaztatu du. Hau da egoitzarako "
                          "zure gakoa:\n\n"
                          "{clave}\n\n"
                          "Sartu zure IFZ eta gako honekin datozen 30 egunetan. Lehen aldian zeure "
                          "beste batekin ordeztuko duzu, SMS bidez jasoko duzun kode batekin. "
                          "Identifikatzeko balio du, ez sinatzeko.\n\n"
                          "Ez esan inori. Eskatu ez baduzu, jakinarazi Erregistroan."},
        },
    [TEXT_LANG_GL] =
        {
            [MAIL_TOWN_PENDING] =
                {"Nova alta á espera de verificación",
                 "Unha persoa pediu a alta pola sede e validou o seu teléfono móbil.\n\n"
                 "Agarda a que se verifique a súa identidade: abra «Pendentes» nas páxinas do "
                 "Rexistro."},
            [MAIL_WAITING] =
                {"A súa alta está á espera de verificación",
                 "{entidad} recibiu a súa solicitude de alta. Está á espera de que se verifique "
                 "a súa identidade; despois recibirá un SMS.\n\n"
                 "Para confirmar que este correo é seu, abra esta ligazón, que vale 24 horas:\n\n"
                 "{enlace}\n\n"
                 "Se non pediu a alta, non faga nada."},
            [MAIL_PROVE] =
                {"Confirme o seu correo",
                 "{entidad} anotou este correo na súa ficha. Para confirmar que é seu, abra esta "
                 "ligazón, que vale 24 horas:\n\n"
                 "{enlace}\n\n"
                 "Se non o pediu, non faga nada."},
            [MAIL_CHANGED] =
                {"O seu correo cambiou",
                 "{entidad} anotou outro correo na súa ficha e non escribirá máis a este.\n\n"
                 "Se non o pediu, avise no Rexistro."},
            [MAIL_KEY] = {"A súa clave",
                          "{entidad} verificou a súa identidade. A súa clave para a sede é:\n\n"
                          "{clave}\n\n"
                          "Entre co seu NIF e esta clave nos próximos 30 días. A primeira vez "
                          "cambiaraa por outra súa, cun código que recibirá por SMS. Serve para "
                          "identificarse, non para asinar.\n\n"
                          "Non lla diga a ninguén. Se non a pediu, avise no Rexistro."},
        },
    [TEXT_LANG_EN] =
        {
            [MAIL_TOWN_PENDING] =
                {"New registration waiting for verification",
                 "A person has asked to be registered on the town's site and has proven a "
                 "mobile.\n\n"
                 "The identity is waiting to be verified: open “Waiting” on the pages of the "
                 "Registro."},
            [MAIL_WAITING] =
                {"Your registration is waiting for verification",
                 "{entidad} has received your request. It is waiting for your identity to be "
                 "verified; then you will get an SMS.\n\n"
                 "To confirm that this e-mail is yours, open this link, which is good for 24 "
                 "hours:\n\n"
                 "{enlace}\n\n"
                 "If you have not asked to be registered, do nothing."},
            [MAIL_PROVE] =
                {"Confirm your e-mail",
                 "{entidad} has written this e-mail address in your file. To confirm that it is "
                 "yours, open this link, which is good for 24 hours:\n\n"
                 "{enlace}\n\n"
                 "If you have not asked for it, do nothing."},
            [MAIL_CHANGED] =
                {"Your e-mail has changed",
                 "{entidad} has written another e-mail address in your file and will not write "
                 "to this one again.\n\n"
                 "If you have not asked for it, tell the Registro."},
            [MAIL_KEY] =
                {"Your clave",
                 "{entidad} has verified your identity. Your clave for the town's site is:\n\n"
                 "{clave}\n\n"
                 "Enter with your NIF and this clave within the next 30 days. The first time you "
                 "will change it for one of your own, with a code that you get by SMS. It "
                 "identifies you; it does not sign.\n\n"
                 "Tell it to nobody. If you have not asked for it, tell the Registro."},
        },
};

static void put_value(const void *user, const char *name, size_t len, struct buf *out)
{
    const struct mail_values *values = user;
    if (template_is_name("entidad", name, len))
        buf_str(out, values->entity);
    else
        buf_str(out, values->value);
}

void mail_write_subject(enum text_lang lang, enum mail_kind kind, const struct mail_values *values,
                        struct buf *out)
{
    buf_fmt(out, "%s: %s", values->entity, catalogue[lang][kind].subject);
}

void mail_write_words(enum text_lang lang, enum mail_kind kind, const struct mail_values *values,
                      struct buf *out)
{
    template_fill(catalogue[lang][kind].text, put_value, values, out);
}
