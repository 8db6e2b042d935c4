// The steps beside emscripten/websocket.h, on the same browser sockets: what the header does
// slowly (text), unsafely (exceptions that pass through wasm, memory that is short) or not at all
// (giving a handle back on old versions). Nothing in here throws into wasm.

mergeInto(LibraryManager.library, {
  $SteadyWeb__deps: ['$WS'],
  $SteadyWeb__postset: 'Module["SteadyWeb"] = SteadyWeb; SteadyWeb.timers = new Map(); SteadyWeb.transports = new Map();',
  $SteadyWeb: {
    // Objects beside connections: {prepare(), message(data)}, see WebRuntime. They also hold what
    // the core has granted (see Grant in transport.hpp): {socket, receive, batched, credit}.
    observers: [null],
    // Values that wait in the core's queue as handles. Handle 0 is `now`.
    payloads: [null],
    freePayloads: [],
    now: null,
    // The message that is being looked at.
    inbound: null,
    // A text for C++, as bytes: see leaveText.
    text: null,
    // Running timers. Their ids are ours: Node's would not fit in 32 bits for ever.
    timers: null,
    lastTimer: 0,
    // The transports that there are, by the keys that callbacks carry.
    transports: null,
    lastKey: 0,

    observe: function (observer) {
      var free = SteadyWeb.observers.indexOf(undefined);
      if (free < 0) free = SteadyWeb.observers.length;
      SteadyWeb.observers[free] = observer;
      return free;
    },
    unobserve: function (handle) {
      SteadyWeb.observers[handle] = undefined;
    },

    // Runs it in a task of its own, soon also in a hidden page, where timers are slowed down.
    postTask: function (task) {
      if (typeof setImmediate == 'function') {
        setImmediate(task);
        return;
      }
      if (!SteadyWeb.channel) {
        SteadyWeb.channel = new MessageChannel();
        SteadyWeb.tasks = [];
        SteadyWeb.channel.port1.onmessage = function () {
          SteadyWeb.tasks.shift()();
        };
      }
      SteadyWeb.tasks.push(task);
      SteadyWeb.channel.port2.postMessage(0);
    },

    // Keep in step with transport.hpp: 0 taken, 1 not open, 2 refused (TransportSend).
    send: function (socket, data) {
      // Outside of OPEN a browser throws (connecting) or loses the message in silence (closing).
      if (!socket || socket.readyState !== 1) return 1;
      try {
        socket.send(data);
        return 0;
      } catch (error) {
        return 2;
      }
    },

    // Sends within the credit that was granted. `size` may be an upper bound of the bytes. Answers
    // as `send` does; 1 says that the core has to be asked.
    sendGranted: function (observer, data, size) {
      if (size >= observer.credit) return 1;
      var result = SteadyWeb.send(observer.socket, data);
      if (!result) observer.credit -= size;
      return result;
    },

    grant: function (observer, socket, receive, batched, credit) {
      observer.socket = socket;
      observer.receive = receive;
      observer.batched = batched;
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
      SteadyWeb.decoder = SteadyWeb.decoder || new TextDecoder('utf-8', { ignoreBOM: true });
      return SteadyWeb.decoder.decode(SteadyWeb.unsharedView(begin, begin + size));
    },
    // Leaves a text for C++, which takes it before anything else happens (steady_web_take_text).
    leaveText: function (text) {
      SteadyWeb.encoder = SteadyWeb.encoder || new TextEncoder();
      SteadyWeb.text = SteadyWeb.encoder.encode(text);
    },
  },

  // Writes as much of `text`, from UTF-16 unit `from` on, as fits. Returns TextEncoder's answer.
  $steadyEncode__deps: ['$SteadyWeb'],
  $steadyEncode: function (text, from, begin, end) {
    SteadyWeb.encoder = SteadyWeb.encoder || new TextEncoder();
    var rest = from ? text.slice(from) : text;
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
  $steadySend: function (handle, data) {
    return SteadyWeb.send(SteadyWeb.socket(handle), data);
  },

  // Creates a socket through the header's function. Returns its handle, or a negative number:
  // -101 SyntaxError, -102 SecurityError, -103 anything else that was thrown.
  steady_web_new__deps: ['$SteadyWeb', 'emscripten_websocket_new'],
  steady_web_new__sig: 'iii',
  steady_web_new: function (attributes, observer) {
    try {
      if (observer) SteadyWeb.observers[observer].prepare();
      return _emscripten_websocket_new(attributes);
    } catch (error) {
      SteadyWeb.leaveText((error && error.message) || error);
      var name = error && error.name;
      return name === 'SyntaxError' ? -101 : name === 'SecurityError' ? -102 : -103;
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
    SteadyWeb.leaveText(SteadyWeb.socket(handle).protocol);
  },

  steady_web_buffered_amount__deps: ['$SteadyWeb'],
  steady_web_buffered_amount__sig: 'di',
  steady_web_buffered_amount: function (handle) {
    return SteadyWeb.socket(handle).bufferedAmount;
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
    // The header passes on nothing of an error. Browsers say nothing, others why.
    var onerror = socket.onerror;
    socket.onerror = function (event) {
      SteadyWeb.leaveText((event && event.message) || '');
      onerror(event);
    };
    socket.onmessage = function (event) {
      var data = event.data;
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
  steady_web_send__sig: 'iiiii',
  steady_web_send: function (handle, isText, begin, size) {
    return steadySend(
      handle,
      isText ? SteadyWeb.decode(begin, size) : SteadyWeb.unsharedView(begin, begin + size));
  },

  steady_web_send_payload__deps: ['$SteadyWeb', '$steadySend'],
  steady_web_send_payload__sig: 'iii',
  steady_web_send_payload: function (handle, payload) {
    return steadySend(handle, payload ? SteadyWeb.payloads[payload] : SteadyWeb.now);
  },

  // A single text stays as it is, unless it is an array itself.
  steady_web_send_batch__deps: ['$SteadyWeb', '$steadySend'],
  steady_web_send_batch__sig: 'iiii',
  steady_web_send_batch: function (handle, payloads, count) {
    var texts = [];
    for (var i = 0; i < count; ++i) texts.push(SteadyWeb.payloads[HEAP32[(payloads >> 2) + i]]);
    var text = texts[0];
    return steadySend(handle, count > 1 || text[0] == '[' ? '[' + texts.join() + ']' : text);
  },

  steady_web_grant__deps: ['$SteadyWeb'],
  steady_web_grant__sig: 'viiiid',
  steady_web_grant: function (observer, handle, receive, batched, credit) {
    SteadyWeb.grant(
      SteadyWeb.observers[observer], SteadyWeb.socket(handle), receive, batched, credit);
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

  // Lets go of a socket: its handlers, the connection, the handle and what was granted.
  steady_web_delete__deps: ['$SteadyWeb', 'emscripten_websocket_delete'],
  steady_web_delete__sig: 'viii',
  steady_web_delete: function (handle, key, observer) {
    if (observer) SteadyWeb.grant(SteadyWeb.observers[observer], null, 0, 0, 0);
    var socket = SteadyWeb.socket(handle);
    SteadyWeb.transports.delete(key);
    _emscripten_websocket_delete(handle);
    // The header's function leaves the connection up, and a CONNECTING one would still open. The
    // ws package emits an error for the latter, which ends a Node process if nobody listens; its
    // terminate() does not wait for the peer as close() does.
    try {
      // What is on its way out of a closing one may still arrive.
      if (socket.readyState < 2 || (socket.readyState === 2 && !socket.bufferedAmount)) {
        socket.onerror = function () {};
        if (socket.terminate) socket.terminate();
        else socket.close();
      }
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
