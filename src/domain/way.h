/* SPDX-License-Identifier: EUPL-1.2 */
/* The ways in to a registration (DOMAIN 1, seeds 001 and 003). */
#ifndef CC_DOMAIN_WAY_H
#define CC_DOMAIN_WAY_H

enum way {
    WAY_IN_PERSON,   /* presencial: a clerk of the Registro */
    WAY_FORM,        /* formulario: online, with a copy of the document */
    WAY_CERTIFICATE, /* certificado */
    WAY_IDENTITY,    /* identidad: the sede has identified the person elsewhere */
    WAY_PHONE,       /* telefono: who is registered already proves the mobile by it */
    WAYS
};

#endif
