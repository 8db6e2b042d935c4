"""The test program described in vectors-server.mjs, with the sessions of examples/session-python.
Its argument is JSON: {"ttl": 60000, "maxMessages": 10, "maxBytes": 1000}. Prints the port on which
it listens."""

import asyncio
import json
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parents[3] / "examples/session-python"))

import websockets  # noqa: E402

from steady_session import SUBPROTOCOL, Sessions, pick  # noqa: E402


def as_json(data):
    return {"text": data} if isinstance(data, str) else {"hex": data.hex()}


class Application:
    def __init__(self):
        self.sessions = []
        self.reports = asyncio.Queue()
        self.open = asyncio.Event()
        self.open.set()

    def begin(self, session):
        self.sessions.append(session)
        at = len(self.sessions)

        def report(kind, **more):
            self.reports.put_nowait({"told": kind, "session": at, **more})

        async def handle(data, number):
            report("handled", number=number, **as_json(data))
            await self.open.wait()

        def end(reason, undelivered):
            messages = [as_json(data) for data in undelivered]
            report("ended", lost=session.is_lost, reason=reason, undelivered=messages)

        session.on_message, session.on_end = handle, end
        report("began", user=session.user)

    async def control(self, websocket):
        async def write():
            while True:
                await websocket.send(json.dumps(await self.reports.get()))

        writer = asyncio.create_task(write())
        try:
            async for text in websocket:
                command = json.loads(text)
                self.execute(command)
                self.reports.put_nowait({"done": command["id"]})
        finally:
            writer.cancel()

    def execute(self, command):
        action = command["do"]
        if action == "hold":
            self.open.clear()
        elif action == "release":
            self.open.set()
        elif action == "send":
            data = command["text"] if "text" in command else bytes.fromhex(command["hex"])
            self.sessions[command["session"] - 1].send(data)
        elif action == "end":
            self.sessions[command["session"] - 1].end(command.get("reason", ""))


async def main(settings):
    application = Application()
    sessions = Sessions(
        application.begin,
        ttl=settings["ttl"],
        max_messages=settings["maxMessages"],
        max_bytes=settings["maxBytes"],
    )

    async def serve(websocket):
        path = websocket.path if hasattr(websocket, "path") else websocket.request.path
        url = urlsplit(path)
        if url.path == "/control":
            await application.control(websocket)
        else:
            await sessions.serve(websocket, parse_qs(url.query).get("user", [None])[0])

    options = {
        "subprotocols": [SUBPROTOCOL],
        "select_subprotocol": pick(),
        "max_size": 4 << 20,
    }
    async with websockets.serve(serve, "127.0.0.1", 0, **options) as server:
        print(f"listening on port {server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()


asyncio.run(main(json.loads(sys.argv[1])))
