#!/usr/bin/env php
<?php
// SPDX-License-Identifier: EUPL-1.2
// Cliente de la sede para contraclaved, solo con lo que trae PHP (8 o posterior).
//
//     CONTRACLAVE_TOKEN=... php sede.php pedir  NIF CLAVE [CONTRASTE]
//     CONTRACLAVE_TOKEN=... php sede.php entrar NIF CLAVE CONTRACLAVE [CONTRASTE]
//
// Escribe lo que se muestra a la persona. Sale con 0 si ha ido bien, 1 si la persona debe corregir algo y 2 si falla el servicio.

declare(strict_types=1);

/**
 * [estado, respuesta, segundos de espera]. Sin respuesta, o con un 503, se pide a la otra dirección, o a la misma si solo hay una,
 * con la misma Idempotency-Key: no saldrá otro SMS. Lo que no es JSON no es del equipo, sino de un proxy que no llega a él.
 */
function llamar(string $ruta, array $datos): array
{
    // Una dirección, o dos separadas por un espacio si hay dos equipos: cualquiera contesta lo mismo.
    $urls = explode(' ', getenv('CONTRACLAVE_URL') ?: 'http://127.0.0.1:8024');
    if (getenv('REMOTE_ADDR')) { // la dirección de la persona, no la de la sede
        $datos['ip_usuario'] = getenv('REMOTE_ADDR');
    }
    $contexto = stream_context_create(['http' => [
        'method' => 'POST', 'timeout' => 15, 'ignore_errors' => true,
        'header' => ['Authorization: Bearer ' . getenv('CONTRACLAVE_TOKEN'), 'Content-Type: application/json',
                     'Idempotency-Key: ' . bin2hex(random_bytes(16))],
        'content' => json_encode($datos, JSON_THROW_ON_ERROR)]]);
    $contestado = [503, ['type' => 'sin respuesta'], ''];
    foreach (count($urls) > 1 ? $urls : [$urls[0], $urls[0]] as $url) {
        $texto = @file_get_contents($url . $ruta, false, $contexto);
        $respuesta = json_decode((string) $texto, true);
        if (!is_array($respuesta)) {
            continue;
        }
        $cabeceras = implode("\n", $http_response_header);
        preg_match('/ (\d{3})/', $cabeceras, $estado);
        preg_match('/^Retry-After: (\d+)/mi', $cabeceras, $espera);
        $contestado = [(int) $estado[1], $respuesta, $espera[1] ?? ''];
        if ($contestado[0] !== 503) {
            break;
        }
    }
    return $contestado;
}

/** Se decide por el estado; el registro de la sede guarda el tipo, nunca los datos. */
function problema(int $estado, array $respuesta, string $espera): array
{
    if ($estado === 422) {
        return [1, ($respuesta['campo'] ?? '') . ': ' . $respuesta['title']];
    }
    if ($estado === 429) {
        return [1, "Demasiados intentos desde su conexión. Espere $espera segundos."];
    }
    if (($respuesta['type'] ?? '') === 'method_closed') {
        return [1, $respuesta['detail']];
    }
    fwrite(STDERR, "contraclaved: $estado {$respuesta['type']}\n");
    return [2, $estado === 503 ? 'El servicio de PIN no está disponible en este momento. Inténtelo más tarde.'
                               : 'No se ha podido atender su petición. Inténtelo más tarde.'];
}

function pedir(string $nif, string $clave, string $contraste = ''): array
{
    [$estado, $respuesta, $espera] = llamar('/v1/solicitudes', compact('nif', 'clave', 'contraste'));
    if ($estado !== 202) {
        return problema($estado, $respuesta, $espera);
    }
    [$dia, $hora] = explode('T', substr($respuesta['caduca_local'], 0, 16));
    $dia = implode('/', array_reverse(explode('-', $dia)));
    $texto = "Si está de alta, recibirá un SMS en su móvil. Vale hasta el $dia, $hora h.";
    $pide = ' Escriba también la fecha de validez de su DNI o el número de soporte de su NIE.';
    return [0, $respuesta['pide_contraste'] ? $texto . $pide : $texto];
}

function entrar(string $nif, string $clave, string $contraclave, string $contraste = ''): array
{
    $datos = compact('nif', 'clave', 'contraclave', 'contraste');
    [$estado, $respuesta, $espera] = llamar('/v1/verificaciones', $datos);
    if ($estado !== 200) {
        return problema($estado, $respuesta, $espera);
    }
    if ($respuesta['resultado'] !== 'correcto') { // por lo que sea: no se dice por qué
        return [1, 'NIF, clave o contraclave no son correctos. Puede pedir otro PIN.'];
    }
    $nombre = array_filter([$respuesta['nombre'], $respuesta['apellido1'], $respuesta['apellido2']]);
    return [0, 'Ha entrado ' . implode(' ', $nombre) . '.'];
}

$ordenes = ['pedir' => pedir(...), 'entrar' => entrar(...)];
if (count($argv) < (['pedir' => 4, 'entrar' => 5][$argv[1] ?? ''] ?? 99) || !getenv('CONTRACLAVE_TOKEN')) {
    fwrite(STDERR, implode('', array_slice(file(__FILE__), 3, 6)));
    exit(64);
}
[$codigo, $texto] = $ordenes[$argv[1]](...array_slice($argv, 2));
echo $texto, "\n";
exit($codigo);
