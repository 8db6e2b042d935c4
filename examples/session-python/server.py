"""A chat room: every line of text is numbered and sent to all clients in the same order. Each client
receives every line exactly once, even if connections are lost.

    python3 server.py [PORT]        then connect to ws://localhost:PORT/?name=ada

Clients send lines as text and receive JSON: {"number": 1, "name": "ada", "text": "hello"}.
"""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

import websockets

from steady_session import SUBPROTOCOL, Sessions, pick

MAX_LINE = 1000


class Room:
    def __init__(self):
        self.members = set()
        self.lines = 0

    def join(self, session):
        """Called with every new session; not again for its later connections."""
        self.members.add(session)
        session.on_message = lambda data, number: self.receive(session, data)
        session.on_end = lambda reason, undelivered: self.leave(session, reason, undelivered)

    def receive(self, session, data):
        if not isinstance(data, str) or len(data) > MAX_LINE:
            session.end(f"a line is text of at most {MAX_LINE} characters")
            return
        self.lines += 1
        line = json.dumps({"number": self.lines, "name": session.user, "text": data})
        for member in list(self.members):
            member.send(line)

    def leave(self, session, reason, undelivered):
        self.members.discard(session)
        print(f"{session.user} has left ({reason}); {len(undelivered)} lines are not delivered")


def user_of(websocket):
    """A real server authenticates here, and checks the Origin header."""
    # websockets before 13 has `path`.
    path = websocket.path if hasattr(websocket, "path") else websocket.request.path
    return parse_qs(urlsplit(path).query).get("name", ["anonymous"])[0][:50]


async def main(port):
    sessions = Sessions(Room().join)

    async def serve(websocket):
        if websocket.subprotocol == SUBPROTOCOL:
            await sessions.serve(websocket, user_of(websocket))
        else:
            await websocket.close(1008, f"the subprotocol must be {SUBPROTOCOL}")

    options = {
        "subprotocols": [SUBPROTOCOL],
        "select_subprotocol": pick(),
        "max_size": 64 << 10,
    }
    async with websockets.serve(serve, "127.0.0.1", port, **options) as server:
        print(f"listening on port {server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()


if __name__ == "__main__":
    try:
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8080))
    except KeyboardInterrupt:
        pass
