"""A mail server with STARTTLS and AUTH that keeps what it is sent, and misbehaves as files in its folder say.

server.py FOLDER PORT: writes `port` once it listens, `ca.pem` for its clients, and each mail as `NNN.eml` with its
envelope as `NNN.json`. While `greylist` is there, each recipient is told 451 once; addresses in `reject` are told 550;
if `drop` is there, it is taken away and the connection cut after the next mail, without an answer.
"""

import asyncio
import json
import pathlib
import ssl
import sys

import trustme
from aiosmtpd.smtp import SMTP, AuthResult

folder, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
seen = set()


def certificate():
    if not (folder / "server.pem").exists():
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"tickets", b"p@ss:word"))


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if (folder / "greylist").exists() and address not in seen:
            seen.add(address)
            return "451 4.7.1 greylisted, come back later"
        if (folder / "reject").exists() and address in (folder / "reject").read_text().split():
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        number = len(list(folder.glob("*.eml")))
        facts = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None}
        (folder / f"{number:03}.json").write_text(json.dumps(facts))
        part = folder / f"{number:03}.part"
        part.write_bytes(envelope.content)
        part.rename(folder / f"{number:03}.eml")
        if (folder / "drop").exists():
            (folder / "drop").unlink()
            server.transport.abort()
        return "250 OK"


async def main():
    context = certificate()

    def session():
        return SMTP(
            Handler(),
            require_starttls=True,
            tls_context=context,
            auth_required=True,
            authenticator=authenticate,
            enable_SMTPUTF8=True,
        )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", port)
    part = folder / "port.part"
    part.write_text(str(server.sockets[0].getsockname()[1]))
    part.rename(folder / "port")
    await server.serve_forever()


asyncio.run(main())
