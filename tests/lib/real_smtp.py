# SPDX-License-Identifier: EUPL-1.2
"""A mail server that is not ours, aiosmtpd of Debian, as a program: it writes its port, then each mail as a line of JSON."""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Taker:
    async def handle_DATA(self, server, session, envelope):
        say(to=envelope.rcpt_tos, tls=session.ssl is not None, login=session.authenticated, text=envelope.content.decode())
        return "250 OK"


def say(**what):
    print(json.dumps(what), flush=True)


async def main(certificate, key, user, password):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()

    def check(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (user.encode(), password.encode()))

    def serve():
        return SMTP(Taker(), tls_context=context, require_starttls=True, auth_required=True, authenticator=check, loop=loop)

    server = await loop.create_server(serve, "127.0.0.1", 0)
    say(port=server.sockets[0].getsockname()[1])
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main(*sys.argv[1:]))
