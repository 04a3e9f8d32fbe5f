"""A relay for measuring: after a delay it answers n times the same 1.6 MB PNG as base64, and notes when it was done.

Run as `python -m tests.bench.relay PORT DELAY LOG`; each line of the log is "prompt<TAB>time of the last byte".
"""

import asyncio
import base64
import io
import json
import sys
import time

import numpy as np
from PIL import Image

SIDE = 1024


def picture() -> bytes:
    """Return a PNG of about 1.6 MB: smooth shapes under a little noise, as photographs are."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    waves = np.stack([np.sin(6 * x + 3 * y), np.cos(5 * y - x), np.sin(9 * x * y)], axis=-1) * 90 + 128
    noise = np.random.default_rng(7).normal(0, 2.8, waves.shape)
    buffer = io.BytesIO()
    Image.fromarray((waves + noise).clip(0, 255).astype(np.uint8)).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


class Relay:
    """Answers on one port until it is killed."""

    def __init__(self, delay: float, log: str) -> None:
        self.delay = delay
        self.log = open(log, "a", buffering=1)  # noqa: SIM115
        self.payload = base64.b64encode(picture()).decode()
        self.answers = {n: self.answer(n) for n in (1, 4)}  # made before anything is measured

    def answer(self, n: int) -> bytes:
        body = json.dumps({"created": 1, "data": [{"b64_json": self.payload} for _ in range(n)]}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        # Whoever was not told would send the next request over a line that closes, and fail by the relay's fault.
        return f"{head}Connection: close\r\n\r\n".encode() + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        asked = json.loads(await reader.readexactly(length))
        await asyncio.sleep(self.delay)
        writer.write(self.answers[asked["n"]])
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        self.log.write(f"{asked['prompt']}\t{time.time()}\n")


async def main(port: int, delay: float, log: str) -> None:
    relay = Relay(delay, log)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", port, limit=2**20, backlog=1024)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]))
