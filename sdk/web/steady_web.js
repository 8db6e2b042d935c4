// The steps beside emscripten/websocket.h, on the same browser sockets: what the header does
// slowly (text), unsafely (exceptions that pass through wasm, memory that is short) or not at all
// (giving a handle back on old versions). Nothing in here throws into wasm.

mergeInto(LibraryManager.library, {
  $SteadyWeb__deps: ['$WS'],
  $SteadyWeb__postset: 'Module["SteadyWeb"] = SteadyWeb; SteadyWeb.connections = new Map(); SteadyWeb.timers = new Map(); SteadyWeb.watches = new Map();',
  $SteadyWeb: {
    // The connections that there are, by the keys that the header's callbacks carry: {pointer, socket,
    // observer}; after an error event {failure}, after a close event {reason}; and {amount, wasCut},
    // see amount().
    connections: null,
    lastKey: 0,
    // JavaScript objects that sit beside connections, by their numbers: see steady_web_new. Number 0
    // is none.
    observers: [null],
    // The message that is being looked at.
    inbound: null,
    // A text that was left, and the same for C++, as bytes: see leaveText.
    left: '',
    text: null,
    // Running timers. Their ids are ours: Node's would not fit in 32 bits for ever.
    timers: null,
    lastTimer: 0,
    // Who is told what the platform notices, once somebody wants it: see watch.
    watches: null,
    lastWatch: 0,
    isWatching: false,
    // The two clocks when they were last read, and the time that one of them has missed.
    steadyTime: 0,
    wallTime: 0,
    slept: 0,

    // Gives an object beside connections its number, which unobserve takes back.
    observe: function (observer) {
      var observers = SteadyWeb.observers;
      var number = observers.indexOf(undefined);
      if (number < 0) number = observers.length;
      observers[number] = observer;
      return number;
    },
    // What is still on its way out of old connections was given its time.
    unobserve: function (number) {
      SteadyWeb.observers[number].lingering.forEach(SteadyWeb.end);
      SteadyWeb.observers[number] = undefined;
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

    // Bytes in the browser's buffer. By the standard they stay when a connection is cut. Those of the
    // ws package and of Node become 0: then what was last read counts.
    amount: function (connection) {
      var amount = SteadyWeb.peekNumber(connection.socket, 'bufferedAmount');
      if (!connection.wasCut || amount) connection.amount = amount;
      return connection.amount || 0;
    },

    // Calls one of the header's handlers, or C++, for an event of a connection. An observer that
    // wants to is called before and after it.
    enter: function (connection, call) {
      var observer = connection.observer;
      if (observer && observer.enter) observer.enter(connection);
      var result = call();
      if (observer && observer.leave) observer.leave();
      return result;
    },

    // After an error event no close event may come: see BrowserSocket::handle_failure.
    watchSilence: function (key, delay) {
      var connection = SteadyWeb.connections.get(key);
      connection.silence = setTimeout(function () {
        var state = SteadyWeb.peekNumber(connection.socket, 'readyState');
        if (state && !delay) SteadyWeb.watchSilence(key, 1000);
        else if (!state || state == 3) {
          var isBlocked = state == 3 && !connection.wasOpen;
          if (isBlocked) connection.failure = 'the browser refused the connection';
          connection.reason = connection.failure;
          SteadyWeb.enter(connection, function () {
            _steady_web_on_failure(connection.pointer, isBlocked ? 1 : 0);
          });
        }
      }, delay);
    },

    // Milliseconds since some point in time. The browser's steady clock may stand still while the
    // machine sleeps; what the clock on the wall has gone ahead of it was a sleep, or is taken for one.
    now: function () {
      var steadyTime = performance.now();
      var wallTime = Date.now();
      var ahead = wallTime - SteadyWeb.wallTime - (steadyTime - SteadyWeb.steadyTime);
      if (SteadyWeb.wallTime && ahead > 1000) SteadyWeb.slept += ahead;
      SteadyWeb.steadyTime = steadyTime;
      SteadyWeb.wallTime = wallTime;
      return steadyTime + SteadyWeb.slept;
    },

    // Calls `notice` with what the platform notices, a Hint of hint.hpp, until unwatch. Where there is
    // no page, only some of it happens; in Node, nothing.
    watch: function (notice) {
      var scope = globalThis;
      if (!SteadyWeb.isWatching) {
        SteadyWeb.isWatching = true;
        var listen = function (target, type, hint, holds) {
          if (!target || !target.addEventListener) return;
          target.addEventListener(type, function (event) {
            if (holds && !holds(event)) return;
            SteadyWeb.watches.forEach(function (notice) {
              notice(hint);
            });
          });
        };
        var page = scope.document;
        listen(scope, 'online', 0 /* Hint::online */);
        listen(scope, 'offline', 1 /* Hint::offline */);
        listen(scope, 'pageshow', 2 /* Hint::wake */, function (event) {
          return event.persisted;
        });
        listen(page, 'resume', 2 /* Hint::wake */);
        listen(page, 'visibilitychange', 2 /* Hint::wake */, function () {
          return page.visibilityState == 'visible';
        });
      }
      var id = (SteadyWeb.lastWatch = (SteadyWeb.lastWatch % 0x7fffffff) + 1);
      SteadyWeb.watches.set(id, notice);
      if (scope.navigator && scope.navigator.onLine === false) {
        SteadyWeb.postTask(function () {
          if (SteadyWeb.watches.has(id)) notice(1 /* Hint::offline */);
        });
      }
      return id;
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
      SteadyWeb.left = text;
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

  // Creates a socket through the header's function. Returns its handle, or a negative number, which may
  // be a NewFailure, and leaves the error's message. An observer has
  // prepare(), called before; prepared(class), after; {thrown}, an error that was not reported yet;
  // {lingering}, old connections that were left to themselves; {receive}, true if messages go to
  // message(data) at once, with {heard} as a trace; abandoned(), called when the connection is let go of;
  // and maybe enter(connection) and leave(), called around events.
  steady_web_new__deps: ['$SteadyWeb', 'steady_websocket_new'],
  steady_web_new__sig: 'iii',
  steady_web_new: function (attributes, observer) {
    var sink = SteadyWeb.observers[observer];
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
      if (!socket) {
        SteadyWeb.leaveText('WebSocket is not available');
      } else {
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
      SteadyWeb.leaveText(text || 'error without a message');
      var name = SteadyWeb.peek(error, 'name');
      // NotCapable: Deno, without --allow-net.
      return name === 'SyntaxError' ? -101 /* NewFailure::syntax_error */ :
        name === 'SecurityError' || name === 'NotCapable' ? -102 /* NewFailure::security_error */ :
        -103 /* NewFailure::other_error */;
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
  steady_web_buffered_amount: function (key) {
    return SteadyWeb.amount(SteadyWeb.connections.get(key));
  },

  // Leaves why a connection has failed, or was closed.
  steady_web_leave_failure__deps: ['$SteadyWeb'],
  steady_web_leave_failure__sig: 'vi',
  steady_web_leave_failure: function (key) {
    SteadyWeb.leaveText(SteadyWeb.connections.get(key).failure || '');
  },
  steady_web_leave_reason__deps: ['$SteadyWeb'],
  steady_web_leave_reason__sig: 'vi',
  steady_web_leave_reason: function (key) {
    SteadyWeb.leaveText(SteadyWeb.connections.get(key).reason || '');
  },

  // Gives a BrowserSocket a key, until steady_web_delete.
  steady_web_register__deps: ['$SteadyWeb'],
  steady_web_register__sig: 'ii',
  steady_web_register: function (pointer) {
    var key = (SteadyWeb.lastKey = (SteadyWeb.lastKey % 0x7fffffff) + 1);
    SteadyWeb.connections.set(key, { pointer: pointer });
    return key;
  },

  steady_web_socket_of__deps: ['$SteadyWeb'],
  steady_web_socket_of__sig: 'ii',
  steady_web_socket_of: function (key) {
    var connection = SteadyWeb.connections.get(key);
    return connection ? connection.pointer : 0;
  },

  // Puts what the header does not do around its handlers, and listens for messages. Unless it has
  // granted them, the core is asked first, with numbers only; it calls steady_web_read if C++ wants the
  // payload. What it lets pass is then shown to the observer as it is.
  steady_web_listen__deps: ['$SteadyWeb'],
  steady_web_listen__sig: 'viii',
  steady_web_listen: function (handle, key, observer) {
    var connection = SteadyWeb.connections.get(key);
    var socket = (connection.socket = SteadyWeb.socket(handle));
    var sink = (connection.observer = SteadyWeb.observers[observer]);
    if (sink) sink.connection = connection;
    var wrap = function (type, prepare) {
      var handler = socket[type];
      socket[type] = function (event) {
        var prepared = prepare(event);
        SteadyWeb.enter(connection, function () {
          handler(prepared);
        });
      };
    };
    wrap('onopen', function (event) {
      connection.wasOpen = true;
      return event;
    });
    // The header passes on nothing of an error. Browsers say nothing of it, others why.
    wrap('onerror', function (event) {
      connection.wasCut = true;
      if (sink) sink.thrown = SteadyWeb.peek(event, 'error');
      connection.failure = SteadyWeb.peekText(event, 'message') || 'the connection failed';
      SteadyWeb.watchSilence(key, 0);
      return event;
    });
    // The header passes on a reason as far as a U+0000.
    wrap('onclose', function (event) {
      // Deno says 0 where no close frame came, which is 1006 (RFC 6455, 7.1.5).
      var code = SteadyWeb.peekNumber(event, 'code') || 1006;
      var reason = SteadyWeb.peekText(event, 'reason');
      var wasClean = !!SteadyWeb.peek(event, 'wasClean');
      connection.wasCut = !wasClean;
      connection.reason = reason || (code == 1006 && connection.failure) || '';
      return { code: code, reason: reason, wasClean: wasClean };
    });
    socket.onmessage = function (event) {
      var data = SteadyWeb.peek(event, 'data');
      if (data === undefined) return;
      if (sink && sink.receive) {
        sink.heard = 1;
        sink.message(data);
        return;
      }
      if (!SteadyWeb.connections.has(key)) return;
      var isText = typeof data == 'string';
      var passes = SteadyWeb.enter(connection, function () {
        SteadyWeb.inbound = data;
        return _steady_web_on_message(
          connection.pointer, isText ? 1 : 0, isText ? data.length : data.byteLength);
      });
      SteadyWeb.inbound = null;
      if (passes && sink) sink.message(data);
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

  // Returns a TransportSend.
  steady_web_send__deps: ['$SteadyWeb'],
  steady_web_send__sig: 'iiiii',
  steady_web_send: function (handle, isText, begin, size) {
    var socket = SteadyWeb.socket(handle);
    try {
      // Outside of OPEN a browser throws (connecting) or loses the message in silence (closing).
      if (!socket || socket.readyState !== 1) return 1 /* TransportSend::not_open */;
      socket.send(
        isText ? SteadyWeb.decode(begin, size) : SteadyWeb.unsharedView(begin, begin + size));
      return 0 /* TransportSend::taken */;
    } catch (error) {
      return 2 /* TransportSend::refused */;
    }
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

  // Lets go of a socket: its handlers, the connection and the handle. An observer's abandoned() is called.
  // What is on its way out of a connection that is closing may still arrive, until its observer is gone: a Node
  // process lives as long.
  steady_web_delete__deps: ['$SteadyWeb', 'steady_websocket_delete'],
  steady_web_delete__sig: 'viii',
  steady_web_delete: function (handle, key, observer) {
    var sink = SteadyWeb.observers[observer];
    if (sink) sink.abandoned();
    var socket = SteadyWeb.socket(handle);
    clearTimeout(SteadyWeb.connections.get(key).silence);
    SteadyWeb.connections.delete(key);
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

  steady_web_now__deps: ['$SteadyWeb'],
  steady_web_now__sig: 'd',
  steady_web_now: function () {
    return SteadyWeb.now();
  },

  // Tells `callback` what the platform notices.
  steady_web_watch__deps: ['$SteadyWeb'],
  steady_web_watch__sig: 'ii',
  steady_web_watch: function (callback) {
    var notice = function (hint) {
      _steady_web_notice(callback, hint);
    };
    notice.callback = callback;
    return SteadyWeb.watch(notice);
  },

  // Returns the callback that will not be run any more, or 0.
  steady_web_unwatch__deps: ['$SteadyWeb'],
  steady_web_unwatch__sig: 'ii',
  steady_web_unwatch: function (id) {
    var notice = SteadyWeb.watches.get(id);
    SteadyWeb.watches.delete(id);
    return notice ? notice.callback : 0;
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
