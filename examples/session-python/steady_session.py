"""Sessions of steadysocket for servers on the ``websockets`` package: every message is handled
exactly once and in order, in both directions, over any number of connections.

Implements docs/design/session-protocol.md, version 1. Everything runs in one event loop; no method waits
for a client.
"""

import asyncio
import collections
import inspect
import logging
import re
import secrets
import time

from websockets.exceptions import ConnectionClosed

SUBPROTOCOL = "steady.1"

_MARK = "\x10"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")
_LARGEST = 2**53 - 1
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_EPOCH = re.compile(r"[A-Za-z0-9._-]{1,64}")
_WINDOW_FRAMES, _WINDOW_BYTES = 1000, 1 << 20
_ACK_FRAMES, _ACK_BYTES, _ACK_SECONDS = 64, 32 << 10, 0.25
_CONTROL_BYTES = 256
_log = logging.getLogger(__name__)


class _Malformed(Exception):
    """A frame that closes the connection with 4400."""


class _Fenced(Exception):
    """A hello that closes the connection with 4409."""


def _size(data):
    return len(data.encode() if isinstance(data, str) else data)


def _number(fields, at, least=0):
    text = fields[at] if at < len(fields) else ""
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= _LARGEST:
        raise _Malformed(f"field {at} of {fields[0]} is not a number")
    return int(text)


def _word(fields, at, pattern):
    text = fields[at] if at < len(fields) else ""
    if not pattern.fullmatch(text):
        raise _Malformed(f"field {at} of {fields[0]} is malformed")
    return text


def _frame_after(kept, number):
    """The first one above a number, or None. The numbers have no holes."""
    at = max(0, number + 1 - kept[0][0]) if kept else 0
    return kept[at] if at < len(kept) else None


def pick(*own):
    """For ``select_subprotocol`` of ``websockets.serve``: selects the first of the server's own
    subprotocols that the client offers, with sessions if it offers that; without arguments,
    sessions. Before version 13, ``subprotocols`` must be given as well."""
    wanted = [name + suffix for name in own for suffix in ("+" + SUBPROTOCOL, "")]

    def select(first, second):
        # Before 13: what is offered, and `subprotocols`. Later: the connection, and what is offered.
        offered = first if isinstance(first, list) else second
        return next((name for name in wanted or [SUBPROTOCOL] if name in offered), None)

    return select


class Sessions:
    """All sessions of a server.

    ``on_session(session)`` is called with every new one and sets its handlers. A session is kept
    for ``ttl`` milliseconds without a connection, with at most ``max_messages`` messages and
    ``max_bytes`` bytes that the client has not acknowledged. What is remembered of sessions that
    are over is dropped, and the server's life changes, at ``max_records`` of them.
    """

    def __init__(
        self, on_session, *, ttl=60_000, max_messages=1000, max_bytes=1 << 20, max_records=10_000
    ):
        self.on_session = on_session
        self.ttl, self.max_messages, self.max_bytes = ttl, max_messages, max_bytes
        self.max_records = max_records
        self.life = secrets.token_urlsafe(12)
        self._known = {}  # Sessions by id, also those that are over.
        self._over = 0

    async def serve(self, websocket, user=None):
        """Serves a connection whose subprotocol is SUBPROTOCOL or ends in "+" and it, until it is
        closed. Sessions belong to ``user``, who has been authenticated."""
        await _Connection(self, websocket, user).run()

    async def _attach(self, connection, id, epoch, generation, received):
        """Finds or begins the session of a hello. Returns it, or None if it is somebody else's,
        and the number for OLD if there is one."""
        known = self._known.get(id)
        if known is not None and known.user != connection.user:
            return None, None
        if known is not None and generation <= known._generation:
            raise _Fenced
        if known is not None and not known._is_over and known._epoch == epoch:
            known._acknowledged(received)
            known._take_over(connection, generation)
            return known, None
        if known is None and epoch == self.life:
            if received > 0:
                raise _Malformed("nothing was sent yet")
            return self._begin(connection, id, epoch, generation), None
        old, previous = None, None
        if known is not None:
            known._generation = generation
            known._finish("lost", is_lost=True)
            await known._idle()
            if known._generation != generation:
                raise _Fenced  # A newer hello has come meanwhile.
            # The client may not have received the last welcome: its epoch is the one before.
            pairs = ((known._epoch, known._handled), known._previous)
            previous = next((pair for pair in pairs if pair and pair[0] == epoch), None)
            old = previous and previous[1]
            if id in self._known:
                self._over -= 1
        fresh = secrets.token_urlsafe(12)
        return self._begin(connection, id, fresh, generation, previous), old

    def _begin(self, connection, id, epoch, generation, previous=None):
        session = Session(self, connection.user, epoch, previous)
        self._known[id] = session
        session._take_over(connection, generation)
        try:
            self.on_session(session)
        except Exception:
            session._finish("on_session has failed", is_lost=True)
            raise
        return session

    def _note_over(self):
        self._over += 1
        if self._over >= self.max_records:
            # All at once: a life that changes is a loss to clients that are just beginning.
            self._known = {id: each for id, each in self._known.items() if not each._is_over}
            self._over = 0
            self.life = secrets.token_urlsafe(12)


class Session:
    """One session of a client. ``on_message(data, number)`` may be a coroutine function: the next
    message waits until it is done. ``on_end(reason, undelivered)`` is called once; ``undelivered``
    are the messages that the client has not acknowledged, ``is_lost`` says whether the session was
    lost, and not ended by one of the sides."""

    def __init__(self, sessions, user, epoch, previous):
        self.user = user
        self.is_lost = False
        self.on_message = lambda data, number: None
        self.on_end = lambda reason, undelivered: None
        self._sessions, self._epoch, self._previous = sessions, epoch, previous
        self._generation = -1
        self._is_over, self._is_new = False, True
        self._connection = self._ttl_timer = None
        # To the client: what is not acknowledged, and the numbers of the last message sent and of
        # the last one that was written to a connection.
        self._kept, self._kept_bytes = collections.deque(), 0
        self._sent = self._written = 0
        # From the client: messages to handle, and messages received but not acknowledged.
        self._queue, self._worker = collections.deque(), None
        self._window, self._window_bytes = collections.deque(), 0
        self._received = self._handled = 0
        self._ack_frames = self._ack_bytes = 0
        self._ack_timer = None

    def send(self, data):
        """Sends a str or bytes, now or on a later connection. Returns False if the session is over,
        or is now, since more waits than the server keeps."""
        if self._is_over:
            return False
        self._sent += 1
        size = _size(data)
        self._kept.append((self._sent, data, size))
        self._kept_bytes += size
        limits = self._sessions
        if len(self._kept) > limits.max_messages or self._kept_bytes > limits.max_bytes:
            self._finish("too much is not acknowledged", is_lost=True)
            return False
        if self._connection:
            self._connection.wake()
        return True

    def end(self, reason=""):
        """Ends the session for good."""
        if self._is_over:
            return
        connection, self._connection = self._connection, None
        if connection:
            connection.end(reason, self._kept)
        self._finish(reason, is_lost=False)

    def _take_over(self, connection, generation):
        self._generation = generation
        older, self._connection = self._connection, connection
        if older:
            older.drop(4409, "a newer connection has taken the session over")
        if self._ttl_timer:
            self._ttl_timer.cancel()

    def _detach(self):
        self._connection = None
        loop = asyncio.get_running_loop()
        self._ttl_timer = loop.call_later(
            self._sessions.ttl / 1000, lambda: self._finish("time is up", is_lost=True)
        )

    def _finish(self, reason, *, is_lost):
        """Forgets the session, except for the data that a later hello needs: what was handled."""
        if self._is_over:
            return
        self._queue.clear()
        self._close()
        connection, self._connection = self._connection, None
        if connection:
            # The client learns of the loss by its next hello.
            connection.drop(1011, "the session is lost")
        self._report(reason, is_lost)

    async def _finish_by_client(self, reason):
        """The same at the client's X: handles what came before it."""
        self._close()
        self._connection = None
        await self._idle()
        self._report(reason, False)

    def _close(self):
        self._is_over = True
        for timer in (self._ttl_timer, self._ack_timer):
            if timer:
                timer.cancel()
        self._sessions._note_over()

    def _report(self, reason, is_lost):
        self.is_lost = is_lost
        undelivered = [data for _, data, _ in self._kept]
        self._kept.clear()
        self._window.clear()
        self.on_end(reason, undelivered)

    async def _idle(self):
        if self._worker and self._worker is not asyncio.current_task():
            await asyncio.wait([self._worker])

    def _acknowledged(self, number):
        if number > self._written:
            raise _Malformed(f"{number} was never sent")
        while self._kept and self._kept[0][0] <= number:
            self._kept_bytes -= self._kept.popleft()[2]

    def _receive(self, number, data, size):
        if self._is_over or number <= self._received:
            return
        if self._window and (
            len(self._window) >= _WINDOW_FRAMES or self._window_bytes + size > _WINDOW_BYTES
        ):
            raise _Malformed("the window is exceeded")
        self._received = number
        self._window.append((number, size))
        self._window_bytes += size
        self._queue.append((number, data, size))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())

    async def _work(self):
        try:
            while self._queue:
                number, data, size = self._queue.popleft()
                result = self.on_message(data, number)
                if inspect.isawaitable(result):
                    await result
                self._note_handled(number, size)
        except Exception:
            # It is not handled, and nothing behind it may be: the client gets it back.
            _log.exception("the handler of message %d has failed", number)
            self._finish("a handler has failed", is_lost=True)
        finally:
            self._worker = None

    def _note_handled(self, number, size):
        self._handled = number
        self._ack_frames += 1
        self._ack_bytes += size
        if self._is_over:
            return
        if self._ack_frames >= _ACK_FRAMES or self._ack_bytes >= _ACK_BYTES:
            self._ack()
        elif self._ack_timer is None:
            self._ack_timer = asyncio.get_running_loop().call_later(_ACK_SECONDS, self._ack)

    def _ack(self):
        if self._connection:
            self._connection.ack()

    def _take_ack(self):
        """The number to acknowledge, in a frame that is sent now."""
        self._ack_frames = self._ack_bytes = 0
        if self._ack_timer:
            self._ack_timer.cancel()
        self._ack_timer = None
        while self._window and self._window[0][0] <= self._handled:
            self._window_bytes -= self._window.popleft()[1]
        return self._handled


class _Connection:
    """One WebSocket: frames in, frames out. It has its session from the hello until it is dropped
    or the session is over."""

    def __init__(self, sessions, websocket, user):
        self.user = user
        self._sessions, self._websocket = sessions, websocket
        self._session = None
        self._next = None  # The number of the client's next frame, if it has one.
        self._cursor = self._numbered = None  # The last number written, the one the client expects.
        self._is_dropped = self._ack_due = False
        self._last_words = None  # Frames that an ended session still has to send.
        self._wake = asyncio.Event()
        self._tasks = set()

    async def run(self):
        try:
            await self._control("G", 1, self._sessions.life)
            async for frame in self._websocket:
                if self._is_dropped:
                    break
                await self._read(frame)
        except ConnectionClosed:
            pass
        except _Malformed as error:
            self.drop(4400, str(error))
        except _Fenced:
            self.drop(4409, "a newer connection has the session")
        finally:
            if self._session and self._session._connection is self:
                self._session._detach()
            self._session = None
            self.wake()
            if self._tasks:
                await asyncio.wait(self._tasks)

    def wake(self):
        self._wake.set()

    def ack(self):
        self._ack_due = True
        self.wake()

    def drop(self, code, reason):
        """Closes the connection without waiting for it; what still arrives is ignored."""
        if self._is_dropped:
            return
        if self._session and self._session._connection is self:
            self._session._detach()
        self._is_dropped, self._session, self._last_words = True, None, None
        self.wake()
        self._start(self._websocket.close(code, reason[:100]))

    def end(self, reason, kept):
        """Sends what the session has, and X. The client closes the connection then."""
        self._last_words = (reason, collections.deque(kept))
        self._session = None
        self.wake()

    def _start(self, work):
        async def run():
            try:
                await work
            except ConnectionClosed:
                pass

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _control(self, *fields):
        return self._websocket.send(_MARK + " ".join(map(str, fields)))

    def _goodbye(self, reason):
        text = reason.encode()[: _CONTROL_BYTES - 3].decode(errors="ignore")
        return self._control("X", text) if text else self._control("X")

    async def _read(self, frame):
        if isinstance(frame, str) and frame.startswith(_MARK):
            if not frame.startswith(_MARK * 2):
                if _size(frame) > _CONTROL_BYTES:
                    raise _Malformed("a control frame is too long")
                await self._read_control(frame[1:].split(" "))
                return
            frame = frame[1:]
        # Before the hello it is not counted, and without a number it is not for us.
        if self._session is None or self._next is None:
            return
        if self._next > _LARGEST:
            raise _Malformed("the numbers are used up")
        number, self._next = self._next, self._next + 1
        self._session._receive(number, frame, _size(frame))

    async def _read_control(self, fields):
        letter = fields[0]
        if letter == "X":
            await self._end_by_client(" ".join(fields[1:]))
        elif letter == "H":
            await self._hello(fields)
        elif letter not in ("@", "A", "?", "!"):
            raise _Malformed("a control frame is not known")
        elif self._session is None:
            # After the hello: the session has ended while this was on its way.
            if self._cursor is None:
                raise _Malformed(f"{letter} before the hello")
        elif letter == "@":
            self._next = _number(fields, 1, least=1)
        elif letter == "A":
            self._session._acknowledged(_number(fields, 1))
        elif letter == "?":
            question = _number(fields, 1)
            acknowledged = self._session._take_ack()
            await self._control("!", question, acknowledged, int(time.time() * 1000))
        else:
            for at in (1, 2, 3):
                _number(fields, at)  # The answer to no question of this server.

    async def _end_by_client(self, reason):
        session, self._session = self._session, None
        if session:
            await session._finish_by_client(reason)
        self.drop(1000, "")

    async def _hello(self, fields):
        if self._cursor is not None:
            raise _Malformed("a second hello")
        id, epoch = _word(fields, 1, _ID), _word(fields, 2, _EPOCH)
        generation, received = _number(fields, 3), _number(fields, 4)
        session, old = await self._sessions._attach(self, id, epoch, generation, received)
        if session is None:
            await self._goodbye("the session belongs to somebody else")
            self.drop(1000, "")
            return
        is_same = session._epoch == epoch
        self._cursor = received if is_same else 0
        if is_same and session._is_new:
            self._next = self._numbered = 1
        session._is_new = False
        if not self._last_words:
            self._session = session
        welcome = [session._epoch, session._take_ack(), self._sessions.ttl]
        await self._control("W", *welcome, *([] if old is None else [old]))
        self._start(self._write(session))

    async def _write(self, session):
        """Sends what the session has for the client, as fast as the connection takes it."""
        while self._session or self._last_words:
            if self._ack_due and self._session:
                self._ack_due = False
                await self._control("A", session._take_ack())
                continue
            kept = self._last_words[1] if self._last_words else session._kept
            frame = _frame_after(kept, self._cursor)
            if frame:
                await self._write_frame(session, *frame)
            elif self._last_words:
                await self._goodbye(self._last_words[0])
                await self._wait_closed()
                return
            else:
                self._wake.clear()
                await self._wake.wait()

    async def _write_frame(self, session, number, data, _):
        if number != self._numbered:
            await self._control("@", number)
        # The acknowledgement may come before `send` returns.
        self._cursor = number
        self._numbered = number + 1
        session._written = max(session._written, number)
        is_escaped = isinstance(data, str) and data.startswith(_MARK)
        await self._websocket.send(_MARK + data if is_escaped else data)

    async def _wait_closed(self):
        try:
            await asyncio.wait_for(asyncio.shield(self._websocket.wait_closed()), 10)
        except asyncio.TimeoutError:
            self.drop(1000, "")
