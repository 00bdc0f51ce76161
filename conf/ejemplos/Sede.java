// SPDX-License-Identifier: EUPL-1.2
// Cliente de la sede para contraclaved, solo con la biblioteca estándar (Java 17 o posterior).
//
//     CONTRACLAVE_TOKEN=... java Sede.java pedir  NIF CLAVE [CONTRASTE]
//     CONTRACLAVE_TOKEN=... java Sede.java entrar NIF CLAVE CONTRACLAVE [CONTRASTE]
//
// Escribe lo que se muestra a la persona. Sale con 0 si ha ido bien, 1 si la persona debe corregir algo y 2 si falla el servicio.
import java.io.*;
import java.net.URI;
import java.net.http.*;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.regex.*;
import java.util.stream.*;

public class Sede {
    record Respuesta(int estado, String cuerpo, String espera) {
        /** Un miembro del objeto; "" si no está. Todos son textos, números o lógicos: sin nada dentro. */
        String miembro(String nombre) {
            Matcher m = Pattern.compile("\"" + nombre + "\":(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^,}]*))").matcher(cuerpo);
            return !m.find() ? "" : m.group(1) == null ? m.group(2) : m.group(1).replaceAll("\\\\(.)", "$1");
        }
    }

    static String entreComillas(String texto) {
        return '"' + texto.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ") + '"';
    }

    /**
     * Sin respuesta, o con un 503, se pide a la otra dirección, o a la misma si solo hay una, con la misma Idempotency-Key: no
     * saldrá otro SMS. Lo que no es JSON no es del equipo, sino de un proxy que no llega a él.
     */
    static Respuesta llamar(String ruta, String... datos) throws InterruptedException {
        Map<String, String> entorno = System.getenv(), miembros = new LinkedHashMap<>();
        for (int i = 0; i < datos.length; i += 2) miembros.put(datos[i], datos[i + 1]);
        if (entorno.containsKey("REMOTE_ADDR")) miembros.put("ip_usuario", entorno.get("REMOTE_ADDR")); // la de la persona
        String json = miembros.entrySet().stream().map(m -> entreComillas(m.getKey()) + ":" + entreComillas(m.getValue()))
            .collect(Collectors.joining(",", "{", "}"));
        // Una dirección, o dos separadas por un espacio si hay dos equipos: cualquiera contesta lo mismo.
        String[] urls = entorno.getOrDefault("CONTRACLAVE_URL", "http://127.0.0.1:8024").split(" ");
        HttpRequest.Builder peticion = HttpRequest.newBuilder()
            .timeout(Duration.ofSeconds(15)).header("Authorization", "Bearer " + entorno.get("CONTRACLAVE_TOKEN"))
            .header("Content-Type", "application/json").header("Idempotency-Key", UUID.randomUUID().toString())
            .POST(HttpRequest.BodyPublishers.ofString(json));
        HttpClient cliente = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        Respuesta contestado = new Respuesta(503, "{\"type\":\"sin respuesta\"}", "");
        for (int vez = 0; vez < Math.max(2, urls.length); vez++) {
            try {
                HttpRequest esta = peticion.uri(URI.create(urls[vez % urls.length] + ruta)).build();
                HttpResponse<String> r = cliente.send(esta, BodyHandlers.ofString(StandardCharsets.UTF_8));
                if (!r.body().startsWith("{")) continue;
                contestado = new Respuesta(r.statusCode(), r.body(), r.headers().firstValue("Retry-After").orElse(""));
                if (contestado.estado != 503) break;
            } catch (IOException sinRespuesta) {
                continue;
            }
        }
        return contestado;
    }

    /** Se decide por el estado; el registro de la sede guarda el tipo, nunca los datos. */
    static int problema(Respuesta r, PrintStream pantalla) {
        if (r.estado == 422) pantalla.println(r.miembro("campo") + ": " + r.miembro("title"));
        if (r.estado == 429) pantalla.println("Demasiados intentos desde su conexión. Espere " + r.espera + " segundos.");
        boolean cerrado = r.miembro("type").equals("method_closed");
        if (cerrado) pantalla.println(r.miembro("detail"));
        if (cerrado || r.estado == 422 || r.estado == 429) return 1;
        System.err.println("contraclaved: " + r.estado + " " + r.miembro("type"));
        pantalla.println(r.estado == 503 ? "El servicio de PIN no está disponible en este momento. Inténtelo más tarde."
                                         : "No se ha podido atender su petición. Inténtelo más tarde.");
        return 2;
    }

    static int pedir(PrintStream pantalla, String nif, String clave, String contraste) throws InterruptedException {
        Respuesta r = llamar("/v1/solicitudes", "nif", nif, "clave", clave, "contraste", contraste);
        if (r.estado != 202) return problema(r, pantalla);
        String[] caduca = r.miembro("caduca_local").substring(0, 16).split("T");
        String dia = caduca[0].replaceAll("(....)-(..)-(..)", "$3/$2/$1");
        pantalla.println("Si está de alta, recibirá un SMS en su móvil. Vale hasta el " + dia + ", " + caduca[1] + " h."
            + (r.miembro("pide_contraste").equals("true")
                ? " Escriba también la fecha de validez de su DNI o el número de soporte de su NIE." : ""));
        return 0;
    }

    static int entrar(PrintStream pantalla, String nif, String clave, String contraclave, String contraste) throws InterruptedException {
        Respuesta r = llamar("/v1/verificaciones", "nif", nif, "clave", clave, "contraclave", contraclave, "contraste", contraste);
        if (r.estado != 200) return problema(r, pantalla);
        boolean correcto = r.miembro("resultado").equals("correcto"); // si no, por lo que sea: no se dice por qué
        pantalla.println(correcto ? "Ha entrado " + Stream.of("nombre", "apellido1", "apellido2").map(r::miembro)
            .filter(parte -> !parte.isEmpty()).collect(Collectors.joining(" ")) + "."
            : "NIF, clave o contraclave no son correctos. Puede pedir otro PIN.");
        return correcto ? 0 : 1;
    }

    public static void main(String[] a) throws Exception {
        if (a.length < 3 || !a[0].equals("pedir") && (!a[0].equals("entrar") || a.length < 4)
            || System.getenv().getOrDefault("CONTRACLAVE_TOKEN", "").isEmpty()) {
            System.err.println("CONTRACLAVE_TOKEN=... java Sede.java pedir  NIF CLAVE [CONTRASTE]");
            System.err.println("CONTRACLAVE_TOKEN=... java Sede.java entrar NIF CLAVE CONTRACLAVE [CONTRASTE]");
            System.exit(64);
        }
        PrintStream pantalla = new PrintStream(System.out, true, "UTF-8");
        System.exit(a[0].equals("pedir") ? pedir(pantalla, a[1], a[2], a.length > 3 ? a[3] : "")
                                         : entrar(pantalla, a[1], a[2], a[3], a.length > 4 ? a[4] : ""));
    }
}
