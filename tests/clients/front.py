"""TLS in front of phin, as in a real house, and a port in the clear beside it; writes down every call that passes and its status.

Usage: front.py CERTIFICATE KEY TLS_PORT CLEAR_PORT UPSTREAM_PORT WIRE_LOG, all on 127.0.0.1. A line of the log is `METHOD PATH STATUS`.
"""

import asyncio
import collections
import re
import ssl
import sys

# Bodies are forms, which hold no line that looks like these.
REQUEST = re.compile(rb"^([A-Z]+) (\S+) HTTP/1\.[01]\r?$", re.MULTILINE)
# The first that is final: whoever asks first whether to go on is told so in an answer of its own.
STATUS = re.compile(rb"\A(?:HTTP/1\.1 1[0-9]{2}.*\r\n\r\n)?HTTP/1\.[01] ([2-9][0-9]{2})")


async def pipe(reader, writer, heard):
    """Copies until the sender is done, then says so to the receiver."""
    try:
        while data := await reader.read(65536):
            heard(data)
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main():
    certificate, key, tls, clear, upstream, wire = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    log = open(wire, "a", encoding="ascii", buffering=1)

    async def serve(reader, writer):
        asked = collections.deque()

        def answered(data):
            if asked and (status := STATUS.match(data)):
                print(*asked.popleft(), status[1].decode(), file=log)

        def call(data):
            for method, target in REQUEST.findall(data):
                asked.append((method.decode(), target.split(b"?")[0].decode("ascii", "replace")))

        try:
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", int(upstream))
        except OSError:
            writer.close()
            return
        await asyncio.gather(pipe(reader, upstream_writer, call), pipe(upstream_reader, writer, answered))

    servers = [
        await asyncio.start_server(serve, "127.0.0.1", int(tls), ssl=context),
        await asyncio.start_server(serve, "127.0.0.1", int(clear)),
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main())
