#!/usr/bin/python3
"""A mail server for tests: server.py '{"certificate": PATH, "key": PATH, "user": …, "password": …}'.

Tells what happens in lines of JSON on stdout, does what lines of JSON on stdin say. {"rcpt": ["450 later"]}
and {"data": ["554 no"]} are what it answers the next ones with; "drop" hangs up, "hold" waits for {"go": true}."""
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

options = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
answers = {"rcpt": [], "data": []}
go = asyncio.Event()


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


async def answer(kind, server):
    said = answers[kind].pop(0) if answers[kind] else None
    if said == "drop":
        server.transport.close()
        return "421 gone"
    if said == "hold":
        tell("held", at=kind)
        await go.wait()
        return None
    return said


def read(data):
    """The mail as a reader of mails sees it."""
    mail = email.message_from_bytes(data, policy=email.policy.default)
    parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    defects = [str(defect) for part in mail.walk() for defect in part.defects]
    return {"headers": [[name, str(value)] for name, value in mail.items()], "parts": parts, "defects": defects}


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        said = await answer("rcpt", server)
        tell("rcpt", to=address, answer=said)
        if said:
            return said
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        said = await answer("data", server)
        tell("data", to=envelope.rcpt_tos, answer=said)
        if said:
            return said
        tell("mail", to=envelope.rcpt_tos, sender=envelope.mail_from, tls=server.transport.get_extra_info("sslcontext") is not None,
             user=(session.auth_data or {}).get("user") if session.authenticated else None,
             raw=envelope.original_content.decode("ascii", "replace"), **read(envelope.original_content))
        return "250 taken"


class Server(SMTP):
    def connection_made(self, transport):
        tell("connection")
        super().connection_made(transport)


def authenticate(server, session, envelope, mechanism, data):
    given = [data.login.decode(), data.password.decode()]
    good = given == [options["user"], options["password"]]
    tell("login", user=given[0], good=good)
    return AuthResult(success=good, handled=good, auth_data={"user": given[0]})


async def commands():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        if command.get("go"):
            go.set()
        for kind in ("rcpt", "data"):
            answers[kind] += command.get(kind, [])
        tell("done")


async def main():
    context = None
    if "certificate" in options:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options["certificate"], options["key"])
    login = "user" in options
    implicit = options.get("implicit", False)
    server = await asyncio.get_running_loop().create_server(
        lambda: Server(Handler(), hostname="mail.example", tls_context=None if implicit else context,
                       require_starttls=bool(context) and not implicit, authenticator=authenticate if login else None,
                       auth_required=login, auth_require_tls=not implicit, enable_SMTPUTF8=False),
        "127.0.0.1", options.get("port", 0), ssl=context if implicit else None)
    tell("listening", port=server.sockets[0].getsockname()[1])
    await commands()  # Until stdin ends.


asyncio.run(main())
