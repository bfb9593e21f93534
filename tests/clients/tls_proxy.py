"""TLS in front of phin: decrypts what comes to one port and passes it on to another, as the terminator of a real house does.

Usage: tls_proxy.py CERTIFICATE KEY LISTEN_PORT UPSTREAM_PORT, all on 127.0.0.1.
"""

import asyncio
import ssl
import sys


async def pipe(reader, writer):
    """Copies until the sender is done, then says so to the receiver."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main():
    certificate, key, listen, upstream = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def serve(reader, writer):
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", int(upstream))
        except OSError:
            writer.close()
            return
        await asyncio.gather(pipe(reader, upstream_writer), pipe(upstream_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", int(listen), ssl=context)
    await server.serve_forever()


asyncio.run(main())
