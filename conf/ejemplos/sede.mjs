#!/usr/bin/env node
// SPDX-License-Identifier: EUPL-1.2
// Cliente de la sede para contraclaved, solo con lo que trae Node (18 o posterior).
//
//     CONTRACLAVE_TOKEN=... node sede.mjs pedir  NIF CLAVE [CONTRASTE]
//     CONTRACLAVE_TOKEN=... node sede.mjs entrar NIF CLAVE CONTRACLAVE [CONTRASTE]
//
// Escribe lo que se muestra a la persona. Sale con 0 si ha ido bien, 1 si la persona debe corregir algo y 2 si falla el servicio.
import { randomUUID } from "node:crypto";

const { env } = process;
// Una dirección, o dos separadas por un espacio si hay dos equipos: cualquiera contesta lo mismo.
const urls = (env.CONTRACLAVE_URL ?? "http://127.0.0.1:8024").split(" ");

/**
 * Sin respuesta, o con un 503, se pide a la otra dirección, o a la misma si solo hay una, con la misma Idempotency-Key: no saldrá
 * otro SMS. Lo que no es JSON no es del equipo, sino de un proxy que no llega a él.
 */
async function llamar(ruta, datos) {
    const headers = {
        Authorization: `Bearer ${env.CONTRACLAVE_TOKEN}`,
        "Content-Type": "application/json",
        "Idempotency-Key": randomUUID(),
    };
    if (env.REMOTE_ADDR) datos.ip_usuario = env.REMOTE_ADDR; // la dirección de la persona, no la de la sede
    let contestado = { estado: 503, cuerpo: { type: "sin respuesta" } };
    for (const url of urls.length > 1 ? urls : [...urls, ...urls]) {
        try {
            const signal = AbortSignal.timeout(15000);
            const respuesta = await fetch(url + ruta, { method: "POST", headers, body: JSON.stringify(datos), signal });
            contestado = { estado: respuesta.status, cuerpo: await respuesta.json(), espera: respuesta.headers.get("Retry-After") };
            if (contestado.estado !== 503) break;
        } catch {
            // no ha habido respuesta
        }
    }
    return contestado;
}

/** Se decide por el estado; el registro de la sede guarda el tipo, nunca los datos. */
function problema({ estado, cuerpo, espera }) {
    if (estado === 422) return [1, `${cuerpo.campo ?? ""}: ${cuerpo.title}`];
    if (estado === 429) return [1, `Demasiados intentos desde su conexión. Espere ${espera} segundos.`];
    if (cuerpo.type === "method_closed") return [1, cuerpo.detail];
    console.error("contraclaved:", estado, cuerpo.type);
    if (estado === 503) return [2, "El servicio de PIN no está disponible en este momento. Inténtelo más tarde."];
    return [2, "No se ha podido atender su petición. Inténtelo más tarde."];
}

async function pedir(nif, clave, contraste = "") {
    const respuesta = await llamar("/v1/solicitudes", { nif, clave, contraste });
    if (respuesta.estado !== 202) return problema(respuesta);
    const [dia, hora] = respuesta.cuerpo.caduca_local.slice(0, 16).split("T");
    const texto = `Si está de alta, recibirá un SMS en su móvil. Vale hasta el ${dia.split("-").reverse().join("/")}, ${hora} h.`;
    const pide = " Escriba también la fecha de validez de su DNI o el número de soporte de su NIE.";
    return [0, respuesta.cuerpo.pide_contraste ? texto + pide : texto];
}

async function entrar(nif, clave, contraclave, contraste = "") {
    const respuesta = await llamar("/v1/verificaciones", { nif, clave, contraclave, contraste });
    if (respuesta.estado !== 200) return problema(respuesta);
    const { resultado, nombre, apellido1, apellido2 } = respuesta.cuerpo;
    // Rechazado por lo que sea: no se dice por qué.
    if (resultado !== "correcto") return [1, "NIF, clave o contraclave no son correctos. Puede pedir otro PIN."];
    return [0, `Ha entrado ${[nombre, apellido1, apellido2].filter(Boolean).join(" ")}.`];
}

const [orden, ...datos] = process.argv.slice(2);
if (!(datos.length >= { pedir: 2, entrar: 3 }[orden]) || !env.CONTRACLAVE_TOKEN) {
    console.error("CONTRACLAVE_TOKEN=... node sede.mjs pedir  NIF CLAVE [CONTRASTE]");
    console.error("CONTRACLAVE_TOKEN=... node sede.mjs entrar NIF CLAVE CONTRACLAVE [CONTRASTE]");
    process.exit(64);
}
const [codigo, texto] = await { pedir, entrar }[orden](...datos);
console.log(texto);
process.exitCode = codigo;
