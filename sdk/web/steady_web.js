// The steps beside emscripten/websocket.h, on the same browser sockets: what the header does
// slowly (text), unsafely (exceptions that pass through wasm, memory that is short) or not at all
// (giving a handle back on old versions). Nothing in here throws into wasm.

mergeInto(LibraryManager.library, {
  $SteadyWeb__deps: ['$WS'],
  $SteadyWeb__postset: 'Module["SteadyWeb"] = SteadyWeb; SteadyWeb.timers = new Map(); SteadyWeb.transports = new Map();',
  $SteadyWeb: {
    // Objects beside connections: {prepare(), prepared(class), message(data)}, see WebRuntime. They
    // also hold what the core has granted (see Grant in transport.hpp): {socket, receive, batched,
    // seeksReply, credit}; what was sent without its knowing the value (see
    // Transport::take_unasked): {unasked, older}, since the last call of steady_web_forget_unasked
    // and before, where an `undefined` stands for a message of the core's own; old connections that
    // were left to themselves: {lingering}; and an error that was not reported yet: {thrown}.
    observers: [null],
    // Values that wait in the core's queue as handles. Handle 0 is `now`.
    payloads: [null],
    freePayloads: [],
    now: null,
    // The same, as it is remembered: binary data as a copy.
    nowKept: null,
    // The message that is being looked at.
    inbound: null,
    // A text for C++, as bytes: see leaveText.
    text: null,
    // Running timers. Their ids are ours: Node's would not fit in 32 bits for ever.
    timers: null,
    lastTimer: 0,
    // Who is told what the platform notices, once somebody wants it: see steady_web_watch.
    watches: null,
    lastWatch: 0,
    // The two clocks when they were last read, and the time that one of them has missed.
    steadyTime: 0,
    wallTime: 0,
    slept: 0,
    // The transports that there are, by the keys that callbacks carry.
    transports: null,
    lastKey: 0,

    observe: function (observer) {
      var free = SteadyWeb.observers.indexOf(undefined);
      if (free < 0) free = SteadyWeb.observers.length;
      SteadyWeb.observers[free] = observer;
      observer.unasked = [];
      observer.older = [];
      observer.lingering = [];
      return free;
    },
    // Its socket is closed. What is still on its way was given its time: see steady_web_delete.
    unobserve: function (handle) {
      SteadyWeb.observers[handle].lingering.forEach(SteadyWeb.end);
      SteadyWeb.observers[handle] = undefined;
    },

    // Ends a connection, at once where that is possible: the terminate() of the ws package does not
    // wait for the peer.
    end: function (socket) {
      try {
        if (socket.terminate) socket.terminate();
        else socket.close();
      } catch (error) {
      }
    },

    // Runs it in a task of its own, soon also in a hidden page, where timers are slowed down.
    postTask: function (task) {
      if (typeof setImmediate == 'function') {
        setImmediate(task);
        return;
      }
      // jsdom.
      if (typeof MessageChannel == 'undefined') {
        setTimeout(task);
        return;
      }
      var channel = SteadyWeb.channel;
      if (!channel) {
        channel = SteadyWeb.channel = new MessageChannel();
        SteadyWeb.tasks = [];
        channel.port1.onmessage = function () {
          var task = SteadyWeb.tasks.shift();
          // One of Node holds up the process.
          if (!SteadyWeb.tasks.length && channel.port1.unref) channel.port1.unref();
          task();
        };
      }
      SteadyWeb.tasks.push(task);
      if (channel.port1.ref) channel.port1.ref();
      channel.port2.postMessage(0);
    },

    // Classes and events that are not the platform's may lack a member, and throw when it is read.
    peek: function (from, name) {
      try {
        return from[name];
      } catch (error) {
      }
    },
    // 0 for what cannot go into wasm as a number.
    peekNumber: function (from, name) {
      var value = SteadyWeb.peek(from, name);
      return typeof value == 'number' ? value : 0;
    },
    peekText: function (from, name) {
      var value = SteadyWeb.peek(from, name);
      return typeof value == 'string' ? value : '';
    },

    // Keep in step with transport.hpp: 0 taken, 1 not open, 2 refused (TransportSend).
    send: function (socket, data) {
      try {
        // Outside of OPEN a browser throws (connecting) or loses the message in silence (closing).
        if (!socket || socket.readyState !== 1) return 1;
        if (typeof data == 'object' && data.byteLength === undefined) {
          SteadyWeb.sendBlob(socket, data);
        } else {
          socket.send(data);
        }
        return 0;
      } catch (error) {
        return 2;
      }
    },
    // A WebSocket sends what it does not know as its text, a Blob of another implementation, too.
    // Meanwhile a Blob has none: what is no function throws when the text is made. (What stands for
    // a text, and only says that it is a Blob, keeps it.)
    sendBlob: function (socket, blob) {
      if (blob.valueOf() === blob) {
        Reflect.defineProperty(blob, Symbol.toPrimitive, { value: 0, configurable: true });
      }
      try {
        socket.send(blob);
      } finally {
        Reflect.deleteProperty(blob, Symbol.toPrimitive);
      }
    },

    // Sends within the credit that was granted. `size` may be an upper bound of the bytes; `kept` is
    // what is remembered of it. Answers as `send` does; 1 says that the core has to be asked.
    sendGranted: function (observer, data, size, kept) {
      if (size >= observer.credit) return 1;
      var result = SteadyWeb.send(observer.socket, data);
      if (!result) {
        // Small ones are bounded in number, too.
        observer.credit -= size + 32;
        observer.unasked.push(kept);
      }
      return result;
    },

    grant: function (observer, socket, receive, batched, seeksReply, credit) {
      observer.socket = socket;
      observer.receive = receive;
      observer.batched = batched;
      observer.seeksReply = seeksReply;
      observer.credit = credit;
    },

    keepPayload: function (value) {
      var free = SteadyWeb.freePayloads;
      var handle = free.length ? free.pop() : SteadyWeb.payloads.length;
      SteadyWeb.payloads[handle] = value;
      return handle;
    },

    // The table of handles is an array in old versions and has an accessor in new ones.
    socket: function (handle) {
      return WS.getSocket ? WS.getSocket(handle) : WS.sockets[handle];
    },

    // The last view is kept: messages are read into the same buffer again and again.
    view: function (begin, end) {
      var view = SteadyWeb.lastView;
      if (!view || view.buffer !== HEAPU8.buffer || view.byteOffset !== begin ||
          view.length !== end - begin) {
        view = SteadyWeb.lastView = HEAPU8.subarray(begin, end);
      }
      return view;
    },
    // TextEncoder, TextDecoder and WebSocket.send refuse views of shared memory.
    isShared: function () {
      return !(HEAPU8.buffer instanceof ArrayBuffer);
    },
    unsharedView: function (begin, end) {
      return SteadyWeb.isShared() ? HEAPU8.slice(begin, end) : SteadyWeb.view(begin, end);
    },
    decode: function (begin, size) {
      var bytes = SteadyWeb.unsharedView(begin, begin + size);
      if (!globalThis.TextDecoder) return SteadyWeb.fromUtf8(bytes);
      SteadyWeb.decoder = SteadyWeb.decoder || new TextDecoder('utf-8', { ignoreBOM: true });
      return SteadyWeb.decoder.decode(bytes);
    },
    // Leaves a text for C++, which takes it before anything else happens (steady_web_take_text).
    leaveText: function (text) {
      if (!globalThis.TextEncoder) {
        SteadyWeb.text = SteadyWeb.toUtf8(text);
        return;
      }
      SteadyWeb.encoder = SteadyWeb.encoder || new TextEncoder();
      SteadyWeb.text = SteadyWeb.encoder.encode(text);
    },
    // Jest's jsdom has neither TextDecoder nor TextEncoder.
    fromUtf8: function (bytes) {
      var text = '';
      bytes.forEach(function (byte) {
        text += String.fromCharCode(byte);
      });
      try {
        return decodeURIComponent(escape(text));
      } catch (error) {
        // C++ has sent what is not UTF-8.
        return text;
      }
    },
    toUtf8: function (text) {
      var wellFormed = text.replace(/[\ud800-\udfff]/gu, '\ufffd');
      return Uint8Array.from(unescape(encodeURIComponent(wellFormed)), function (byte) {
        return byte.charCodeAt(0);
      });
    },
  },

  // Writes as much of `text`, from UTF-16 unit `from` on, as fits. Returns TextEncoder's answer.
  $steadyEncode__deps: ['$SteadyWeb', '$steadyEncodeShort'],
  $steadyEncode: function (text, from, begin, end) {
    var rest = from ? text.slice(from) : text;
    if (!globalThis.TextEncoder) {
      // As much as surely fits, without half of a pair at its end.
      rest = rest.slice(0, (end - begin) / 3).replace(/[\ud800-\udbff]$/, '');
      return { read: rest.length, written: steadyEncodeShort(rest, begin) };
    }
    SteadyWeb.encoder = SteadyWeb.encoder || new TextEncoder();
    if (!SteadyWeb.isShared()) {
      return SteadyWeb.encoder.encodeInto(rest, SteadyWeb.view(begin, end));
    }
    var scratch = new Uint8Array(end - begin);
    var done = SteadyWeb.encoder.encodeInto(rest, scratch);
    HEAPU8.set(scratch.subarray(0, done.written), begin);
    return done;
  },

  // Writes a short text as UTF-8, three bytes a unit at most, and returns the number of bytes. What
  // encodeInto costs before it has done anything is what some hundred units cost here.
  $steadyEncodeShort: function (text, begin) {
    var out = begin;
    for (var i = 0; i < text.length; ++i) {
      var point = text.charCodeAt(i);
      if (point < 0x80) {
        HEAPU8[out++] = point;
        continue;
      }
      if (point < 0x800) {
        HEAPU8[out++] = 0xc0 | (point >> 6);
      } else {
        if ((point & 0xf800) == 0xd800) {
          point = text.codePointAt(i);
          // A lone surrogate.
          if (point < 0x10000) point = 0xfffd;
        }
        if (point < 0x10000) {
          HEAPU8[out++] = 0xe0 | (point >> 12);
        } else {
          ++i;
          HEAPU8[out++] = 0xf0 | (point >> 18);
          HEAPU8[out++] = 0x80 | ((point >> 12) & 0x3f);
        }
        HEAPU8[out++] = 0x80 | ((point >> 6) & 0x3f);
      }
      HEAPU8[out++] = 0x80 | (point & 0x3f);
    }
    return out - begin;
  },

  $steadySend__deps: ['$SteadyWeb'],
  $steadySend: function (handle, data, observer) {
    var result = SteadyWeb.send(SteadyWeb.socket(handle), data);
    if (!result && observer) {
      var sink = SteadyWeb.observers[observer];
      if (sink.unasked.length || sink.older.length) sink.unasked.push(undefined);
    }
    return result;
  },

  // A lower bound: see Transport::unasked_bytes.
  steady_web_unasked_bytes__deps: ['$SteadyWeb'],
  steady_web_unasked_bytes__sig: 'di',
  steady_web_unasked_bytes: function (observer) {
    var bytes = 0;
    SteadyWeb.observers[observer].unasked.forEach(function (data) {
      if (data !== undefined) bytes += data.length || data.byteLength || data.size || 0;
    });
    return bytes;
  },

  steady_web_forget_unasked__deps: ['$SteadyWeb'],
  steady_web_forget_unasked__sig: 'vi',
  steady_web_forget_unasked: function (observer) {
    var sink = SteadyWeb.observers[observer];
    sink.older = sink.unasked;
    sink.unasked = [];
  },

  // Takes the newest: its handle, or 0 for a message of the core's own. Writes to `about` whether it
  // is text, and its bytes on the wire.
  steady_web_take_unasked__deps: ['$SteadyWeb'],
  steady_web_take_unasked__sig: 'iii',
  steady_web_take_unasked: function (observer, about) {
    var sink = SteadyWeb.observers[observer];
    var data = (sink.unasked.length ? sink.unasked : sink.older).pop();
    if (data === undefined) return 0;
    var isText = typeof data == 'string';
    if (isText) SteadyWeb.leaveText(data);
    HEAP32[about >> 2] = isText ? 1 : 0;
    HEAP32[(about + 4) >> 2] =
      isText ? SteadyWeb.text.length : 'byteLength' in data ? data.byteLength : data.size;
    return SteadyWeb.keepPayload(data);
  },

  // Creates a socket through the header's function. Returns its handle, or a negative number:
  // -101 SyntaxError, -102 SecurityError, -103 anything else that was thrown.
  steady_web_new__deps: ['$SteadyWeb', 'steady_websocket_new'],
  steady_web_new__sig: 'iii',
  steady_web_new: function (attributes, observer) {
    var sink = observer ? SteadyWeb.observers[observer] : null;
    // Where SteadySocket stands in the place of WebSocket, it says what to take instead: see
    // bindings/src/platform.ts.
    var beneath = Symbol.for('steadysocket.beneath');
    var theirs;
    try {
      if (sink) {
        sink.thrown = undefined;
        sink.prepare();
      }
      globalThis[beneath] = true;
      for (var tries = 0; ; ++tries) {
        try {
          var handle = _steady_websocket_new(attributes);
          break;
        } catch (error) {
          var instead = SteadyWeb.peek(error, beneath);
          // There may be several copies of it; more often it is a circle.
          if (!instead || tries > 8) throw error;
          theirs = theirs || WebSocket;
          WebSocket = instead;
        }
      }
      var socket = SteadyWeb.socket(handle);
      if (socket) {
        // Where they cannot be set, it throws here and not further on.
        socket.onopen = socket.onerror = socket.onclose = socket.onmessage = null;
        if (sink) sink.prepared(WebSocket);
      }
      return handle;
    } catch (error) {
      if (socket) SteadyWeb.end(socket);
      if (sink) sink.thrown = error;
      var text = SteadyWeb.peekText(error, 'message');
      try {
        text = text || String(error);
      } catch (error) {
        // Something without a text, such as Object.create(null).
      }
      SteadyWeb.leaveText(text || 'an error without a text');
      var name = SteadyWeb.peek(error, 'name');
      // NotCapable: Deno, without --allow-net.
      return name === 'SyntaxError' ? -101 :
        name === 'SecurityError' || name === 'NotCapable' ? -102 : -103;
    } finally {
      delete globalThis[beneath];
      if (theirs) WebSocket = theirs;
    }
  },

  // Copies the text that was left, unless `begin` is null. Returns its size in bytes.
  steady_web_take_text__deps: ['$SteadyWeb'],
  steady_web_take_text__sig: 'ii',
  steady_web_take_text: function (begin) {
    if (begin) HEAPU8.set(SteadyWeb.text, begin);
    return SteadyWeb.text.length;
  },

  // Leaves the subprotocol that the server picked.
  steady_web_leave_subprotocol__deps: ['$SteadyWeb'],
  steady_web_leave_subprotocol__sig: 'vi',
  steady_web_leave_subprotocol: function (handle) {
    SteadyWeb.leaveText(SteadyWeb.peekText(SteadyWeb.socket(handle), 'protocol'));
  },

  steady_web_buffered_amount__deps: ['$SteadyWeb'],
  steady_web_buffered_amount__sig: 'di',
  steady_web_buffered_amount: function (handle) {
    return SteadyWeb.peekNumber(SteadyWeb.socket(handle), 'bufferedAmount');
  },

  steady_web_ready_state__deps: ['$SteadyWeb'],
  steady_web_ready_state__sig: 'ii',
  steady_web_ready_state: function (handle) {
    return SteadyWeb.peekNumber(SteadyWeb.socket(handle), 'readyState');
  },

  // Gives a transport a key, until steady_web_delete.
  steady_web_register__deps: ['$SteadyWeb'],
  steady_web_register__sig: 'ii',
  steady_web_register: function (transport) {
    var key = (SteadyWeb.lastKey = (SteadyWeb.lastKey % 0x7fffffff) + 1);
    SteadyWeb.transports.set(key, transport);
    return key;
  },

  steady_web_transport_of__deps: ['$SteadyWeb'],
  steady_web_transport_of__sig: 'ii',
  steady_web_transport_of: function (key) {
    return SteadyWeb.transports.get(key) || 0;
  },

  // Listens for messages. Unless it has granted them, the core is asked first, with numbers only;
  // it calls steady_web_read if C++ wants the payload. What it lets pass is then shown to the
  // observer as it is.
  steady_web_listen__deps: ['$SteadyWeb'],
  steady_web_listen__sig: 'viii',
  steady_web_listen: function (handle, key, observer) {
    var sink = observer ? SteadyWeb.observers[observer] : null;
    var socket = SteadyWeb.socket(handle);
    // The header passes on nothing of an error, and a reason as far as a U+0000. Browsers say nothing
    // of an error, others why.
    var onerror = socket.onerror;
    socket.onerror = function (event) {
      if (sink) sink.thrown = SteadyWeb.peek(event, 'error');
      SteadyWeb.leaveText(SteadyWeb.peekText(event, 'message'));
      onerror(event);
    };
    // Deno says 0 where no close frame came, which is 1006 (RFC 6455, 7.1.5).
    var onclose = socket.onclose;
    socket.onclose = function (event) {
      var reason = SteadyWeb.peekText(event, 'reason');
      SteadyWeb.leaveText(reason);
      onclose({
        code: SteadyWeb.peekNumber(event, 'code') || 1006,
        reason: reason,
        wasClean: !!SteadyWeb.peek(event, 'wasClean'),
      });
    };
    socket.onmessage = function (event) {
      var data = SteadyWeb.peek(event, 'data');
      if (data === undefined) return;
      if (sink && sink.receive) {
        sink.heard = 1;
        sink.message(data);
        return;
      }
      var transport = SteadyWeb.transports.get(key);
      if (!transport) return;
      var isText = typeof data == 'string';
      SteadyWeb.inbound = data;
      var pass = _steady_web_on_message(
        transport, isText ? 1 : 0, isText ? data.length : data.byteLength);
      SteadyWeb.inbound = null;
      if (pass && sink) sink.message(data);
    };
  },

  // Copies the message that is being looked at to [begin, begin + capacity), from where the last
  // call stopped: `from` counts UTF-16 units of a text or bytes. Writes to `progress` how many
  // were read and how many bytes were written.
  steady_web_read__deps: ['$SteadyWeb', '$steadyEncode', '$steadyEncodeShort'],
  steady_web_read__sig: 'viiii',
  steady_web_read: function (from, begin, capacity, progress) {
    var data = SteadyWeb.inbound;
    var read, written;
    if (typeof data == 'string' && !from && data.length <= 256 && capacity >= data.length * 3) {
      read = data.length;
      written = steadyEncodeShort(data, begin);
    } else if (typeof data == 'string') {
      var done = steadyEncode(data, from, begin, begin + capacity);
      read = done.read;
      written = done.written;
    } else {
      read = written = Math.min(capacity, data.byteLength - from);
      HEAPU8.set(new Uint8Array(data, from, read), begin);
    }
    HEAP32[progress >> 2] = read;
    HEAP32[(progress + 4) >> 2] = written;
  },

  steady_web_send__deps: ['$SteadyWeb', '$steadySend'],
  steady_web_send__sig: 'iiiiii',
  steady_web_send: function (observer, handle, isText, begin, size) {
    return steadySend(
      handle,
      isText ? SteadyWeb.decode(begin, size) : SteadyWeb.unsharedView(begin, begin + size),
      observer);
  },

  steady_web_send_payload__deps: ['$SteadyWeb', '$steadySend'],
  steady_web_send_payload__sig: 'iiii',
  steady_web_send_payload: function (observer, handle, payload) {
    if (payload) return steadySend(handle, SteadyWeb.payloads[payload], observer);
    var result = steadySend(handle, SteadyWeb.now, 0);
    if (!result && observer) SteadyWeb.observers[observer].unasked.push(SteadyWeb.nowKept);
    return result;
  },

  // A single text stays as it is, unless it is an array itself.
  steady_web_send_batch__deps: ['$SteadyWeb', '$steadySend'],
  steady_web_send_batch__sig: 'iiiii',
  steady_web_send_batch: function (observer, handle, payloads, count) {
    var texts = [];
    for (var i = 0; i < count; ++i) texts.push(SteadyWeb.payloads[HEAP32[(payloads >> 2) + i]]);
    var text = texts[0];
    return steadySend(
      handle, count > 1 || text[0] == '[' ? '[' + texts.join() + ']' : text, observer);
  },

  steady_web_grant__deps: ['$SteadyWeb'],
  steady_web_grant__sig: 'viiiiid',
  steady_web_grant: function (observer, handle, receive, batched, seeksReply, credit) {
    SteadyWeb.grant(
      SteadyWeb.observers[observer], SteadyWeb.socket(handle), receive, batched, seeksReply,
      credit);
  },

  steady_web_take_heard__deps: ['$SteadyWeb'],
  steady_web_take_heard__sig: 'ii',
  steady_web_take_heard: function (observer) {
    var sink = SteadyWeb.observers[observer];
    var heard = sink.heard;
    sink.heard = 0;
    return heard;
  },

  steady_web_release_payload__deps: ['$SteadyWeb'],
  steady_web_release_payload__sig: 'vi',
  steady_web_release_payload: function (payload) {
    SteadyWeb.payloads[payload] = undefined;
    SteadyWeb.freePayloads.push(payload);
  },

  // The arguments were checked; what may still throw has nothing left to close.
  steady_web_close__deps: ['$SteadyWeb'],
  steady_web_close__sig: 'viiii',
  steady_web_close: function (handle, code, begin, size) {
    try {
      if (code) SteadyWeb.socket(handle).close(code, SteadyWeb.decode(begin, size));
      else SteadyWeb.socket(handle).close();
    } catch (error) {
    }
  },

  // Lets go of a socket: its handlers, the connection, the handle and what was granted. What is on its
  // way out of a connection that is closing may still arrive, until its observer is gone: a Node
  // process lives as long.
  steady_web_delete__deps: ['$SteadyWeb', 'steady_websocket_delete'],
  steady_web_delete__sig: 'viii',
  steady_web_delete: function (handle, key, observer) {
    var sink = observer ? SteadyWeb.observers[observer] : null;
    if (sink) {
      SteadyWeb.grant(sink, null, 0, 0, 0, 0);
      sink.unasked = [];
      sink.older = [];
    }
    var socket = SteadyWeb.socket(handle);
    SteadyWeb.transports.delete(key);
    // The header's function leaves the connection up, and a CONNECTING one would still open.
    try {
      _steady_websocket_delete(handle);
      // The ws package emits errors also of a connection that was given up, and one that nobody
      // listens to ends a Node process.
      socket.onerror = function () {};
      var state = socket.readyState;
      if (state < 2 || (state === 2 && !socket.bufferedAmount)) SteadyWeb.end(socket);
      else if (sink && state === 2) sink.lingering.push(socket);
    } catch (error) {
    }
    // Before Emscripten 3.1.8 it does not free the handle either.
    var sockets = WS.sockets;
    if (sockets) {
      sockets[handle] = undefined;
      while (sockets.length > 1 && !sockets[sockets.length - 1]) sockets.pop();
    }
  },

  steady_web_post__deps: ['$SteadyWeb'],
  steady_web_post__sig: 'vi',
  steady_web_post: function (callback) {
    SteadyWeb.postTask(function () {
      _steady_web_run(callback);
    });
  },

  // Milliseconds since some point in time. The browser's steady clock may stand still while the
  // machine sleeps; what the clock on the wall has gone ahead of it was a sleep, or is taken for one.
  steady_web_now__deps: ['$SteadyWeb'],
  steady_web_now__sig: 'd',
  steady_web_now: function () {
    var steadyTime = performance.now();
    var wallTime = Date.now();
    var ahead = wallTime - SteadyWeb.wallTime - (steadyTime - SteadyWeb.steadyTime);
    if (SteadyWeb.wallTime && ahead > 1000) SteadyWeb.slept += ahead;
    SteadyWeb.steadyTime = steadyTime;
    SteadyWeb.wallTime = wallTime;
    return steadyTime + SteadyWeb.slept;
  },

  // Tells `callback` what the platform notices, as Hint in runtime.hpp has it. Where there is no
  // page, only some of it happens; in Node, nothing.
  steady_web_watch__deps: ['$SteadyWeb'],
  steady_web_watch__sig: 'ii',
  steady_web_watch: function (callback) {
    var scope = globalThis;
    if (!SteadyWeb.watches) {
      SteadyWeb.watches = new Map();
      var listen = function (target, type, hint, holds) {
        if (!target || !target.addEventListener) return;
        target.addEventListener(type, function (event) {
          if (holds && !holds(event)) return;
          SteadyWeb.watches.forEach(function (callback) {
            _steady_web_notice(callback, hint);
          });
        });
      };
      var page = scope.document;
      listen(scope, 'online', 0);
      listen(scope, 'offline', 1);
      listen(scope, 'pageshow', 2, function (event) {
        return event.persisted;
      });
      listen(page, 'resume', 2);
      listen(page, 'visibilitychange', 2, function () {
        return page.visibilityState == 'visible';
      });
    }
    var id = (SteadyWeb.lastWatch = (SteadyWeb.lastWatch % 0x7fffffff) + 1);
    SteadyWeb.watches.set(id, callback);
    if (scope.navigator && scope.navigator.onLine === false) {
      SteadyWeb.postTask(function () {
        if (SteadyWeb.watches.has(id)) _steady_web_notice(callback, 1);
      });
    }
    return id;
  },

  // Returns the callback that will not be run any more, or 0.
  steady_web_unwatch__deps: ['$SteadyWeb'],
  steady_web_unwatch__sig: 'ii',
  steady_web_unwatch: function (id) {
    var callback = SteadyWeb.watches ? SteadyWeb.watches.get(id) : 0;
    if (!callback) return 0;
    SteadyWeb.watches.delete(id);
    return callback;
  },

  steady_web_start_timer__deps: ['$SteadyWeb'],
  steady_web_start_timer__sig: 'idi',
  steady_web_start_timer: function (delay, callback) {
    var id = (SteadyWeb.lastTimer = (SteadyWeb.lastTimer % 0x7fffffff) + 1);
    var timeout = setTimeout(function () {
      SteadyWeb.timers.delete(id);
      _steady_web_run(callback);
    }, delay);
    SteadyWeb.timers.set(id, { timeout: timeout, callback: callback });
    return id;
  },

  // Returns the callback that will not be run, or 0.
  steady_web_cancel_timer__deps: ['$SteadyWeb'],
  steady_web_cancel_timer__sig: 'ii',
  steady_web_cancel_timer: function (id) {
    var timer = SteadyWeb.timers.get(id);
    if (!timer) return 0;
    SteadyWeb.timers.delete(id);
    clearTimeout(timer.timeout);
    return timer.callback;
  },
});

// In a program with threads the header's functions do their work on the main thread, wherever they are
// called, and its callbacks run there. These are the same functions without that: a Socket lives on
// the thread that has made it.
['new', 'delete', 'set_onopen_callback_on_thread', 'set_onerror_callback_on_thread',
  'set_onclose_callback_on_thread'].forEach(function (name) {
  var library = LibraryManager.library;
  var theirs = 'emscripten_websocket_' + name;
  var ours = {};
  ['', '__deps', '__sig'].forEach(function (part) {
    if (theirs + part in library) ours['steady_websocket_' + name + part] = library[theirs + part];
  });
  mergeInto(library, ours);
});
