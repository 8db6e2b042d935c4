// Complements emscripten/websocket.h, on the same browser sockets, where the header is slow (text),
// unsafe (exceptions that pass through wasm, failed allocations) or incomplete (handles are not
// freed on old versions). No function in here throws into wasm.

mergeInto(LibraryManager.library, {
  $SteadyWeb__deps: ['$WS'],
  $SteadyWeb__postset: 'Module["SteadyWeb"] = SteadyWeb; SteadyWeb.connections = new Map(); SteadyWeb.watches = new Map();',
  $SteadyWeb: {
    // The last key of a connection, a timer or a watch. The ids of setTimeout may exceed 32 bits in
    // Node.
    lastKey: 0,
    // Connections by key, which is passed to the header's callbacks: {pointer, socket, observer};
    // after an error event {failure}, after a close event {reason}; {amount, wasCut}: see amount().
    connections: null,
    // JavaScript objects that observe connections, by their numbers: see steady_web_new. Number 0
    // is none.
    observers: [null],
    // The message that is being dispatched to C++.
    inbound: null,
    // The string passed to leaveText, and its UTF-8 bytes.
    left: '',
    text: null,
    // Callbacks for hints of the platform, by key: see watch.
    watches: null,
    isWatching: false,
    // Last values of both clocks, and the sleep that the steady clock has missed: see now.
    steadyTime: 0,
    wallTime: 0,
    slept: 0,

    nextKey: function () {
      return (SteadyWeb.lastKey = (SteadyWeb.lastKey % 0x7fffffff) + 1);
    },

    // Registers an observer and returns its number, which is valid until unobserve.
    observe: function (observer) {
      var observers = SteadyWeb.observers;
      var number = observers.indexOf(undefined);
      if (number < 0) number = observers.length;
      observers[number] = observer;
      return number;
    },
    // Also ends connections that are still closing.
    unobserve: function (number) {
      SteadyWeb.observers[number].lingering.forEach(SteadyWeb.end);
      SteadyWeb.observers[number] = undefined;
    },

    // Ends a connection, at once where possible: terminate() of the ws package does not wait for
    // the peer.
    end: function (socket) {
      try {
        if (socket.terminate) socket.terminate();
        else socket.close();
      } catch (error) {
      }
    },

    // Runs `task` as a task of its own. Not a timer where avoidable: hidden pages throttle those.
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
          // In Node, a referenced port keeps the process alive.
          if (!SteadyWeb.tasks.length && channel.port1.unref) channel.port1.unref();
          task();
        };
      }
      SteadyWeb.tasks.push(task);
      if (channel.port1.ref) channel.port1.ref();
      channel.port2.postMessage(0);
    },

    // Reads a member of an object that may not be the platform's, whose getter may throw. Returns
    // undefined then.
    peek: function (from, name) {
      try {
        return from[name];
      } catch (error) {
      }
    },
    // Returns 0 for a value that is not a number.
    peekNumber: function (from, name) {
      var value = SteadyWeb.peek(from, name);
      return typeof value == 'number' ? value : 0;
    },
    // Returns an empty string for a value that is not a string.
    peekText: function (from, name) {
      var value = SteadyWeb.peek(from, name);
      return typeof value == 'string' ? value : '';
    },

    // Bytes in the platform's send buffer. By the HTML standard, bufferedAmount is not reset when
    // the connection ends; in the ws package and in Node it becomes 0, and the last value applies.
    amount: function (connection) {
      var amount = SteadyWeb.peekNumber(connection.socket, 'bufferedAmount');
      if (!connection.wasCut || amount) connection.amount = amount;
      return connection.amount || 0;
    },

    // Dispatches an event of a connection to a handler of the header or to C++, between enter() and
    // leave() of the observer, if it has them.
    enter: function (connection, call) {
      var observer = connection.observer;
      if (observer && observer.enter) observer.enter(connection);
      var result = call();
      if (observer && observer.leave) observer.leave();
      return result;
    },

    // Reports the end of the connection if no close event follows an error event: see
    // BrowserSocket::handle_failure.
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

    // Monotonic milliseconds. performance.now() may stop while the machine sleeps. If Date.now()
    // has advanced by over a second more, the difference is counted as sleep, although a change of
    // the system time looks the same.
    now: function () {
      var steadyTime = performance.now();
      var wallTime = Date.now();
      var ahead = wallTime - SteadyWeb.wallTime - (steadyTime - SteadyWeb.steadyTime);
      if (SteadyWeb.wallTime && ahead > 1000) SteadyWeb.slept += ahead;
      SteadyWeb.steadyTime = steadyTime;
      SteadyWeb.wallTime = wallTime;
      return steadyTime + SteadyWeb.slept;
    },

    // Calls `notice` with each Hint (hint.hpp) of the platform, until unwatch. Outside of pages
    // only some of the events exist; in Node, none.
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
      var id = SteadyWeb.nextKey();
      SteadyWeb.watches.set(id, notice);
      if (scope.navigator && scope.navigator.onLine === false) {
        SteadyWeb.postTask(function () {
          if (SteadyWeb.watches.has(id)) notice(1 /* Hint::offline */);
        });
      }
      return id;
    },

    // The header's table of sockets is an array in old versions and has an accessor in new ones.
    socket: function (handle) {
      return WS.getSocket ? WS.getSocket(handle) : WS.sockets[handle];
    },

    // Stores a string that C++ reads at once, with steady_web_take_text.
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
        // C++ has sent invalid UTF-8.
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

  // Views and strings of the program's memory. The npm package does without them.
  $SteadyMemory__deps: ['$SteadyWeb'],
  $SteadyMemory: {
    // Caches the last view, because messages are read into the same buffer repeatedly.
    view: function (begin, end) {
      var view = SteadyMemory.lastView;
      if (!view || view.buffer !== HEAPU8.buffer || view.byteOffset !== begin ||
          view.length !== end - begin) {
        view = SteadyMemory.lastView = HEAPU8.subarray(begin, end);
      }
      return view;
    },
    // TextEncoder, TextDecoder and WebSocket.send reject views of shared memory.
    isShared: function () {
      return !(HEAPU8.buffer instanceof ArrayBuffer);
    },
    unsharedView: function (begin, end) {
      return SteadyMemory.isShared() ? HEAPU8.slice(begin, end) : SteadyMemory.view(begin, end);
    },
    decode: function (begin, size) {
      var bytes = SteadyMemory.unsharedView(begin, begin + size);
      if (!globalThis.TextDecoder) return SteadyWeb.fromUtf8(bytes);
      SteadyMemory.decoder = SteadyMemory.decoder || new TextDecoder('utf-8', { ignoreBOM: true });
      return SteadyMemory.decoder.decode(bytes);
    },
  },

  // Writes as much of `text` as fits, from UTF-16 code unit `from`, as UTF-8 to [begin, end).
  // Returns the result of TextEncoder.encodeInto.
  $steadyEncode__deps: ['$SteadyMemory', '$steadyEncodeShort'],
  $steadyEncode: function (text, from, begin, end) {
    var rest = from ? text.slice(from) : text;
    if (!globalThis.TextEncoder) {
      // Three bytes per code unit are the maximum. Does not split a surrogate pair.
      rest = rest.slice(0, (end - begin) / 3).replace(/[\ud800-\udbff]$/, '');
      return { read: rest.length, written: steadyEncodeShort(rest, begin) };
    }
    SteadyWeb.encoder = SteadyWeb.encoder || new TextEncoder();
    if (!SteadyMemory.isShared()) {
      return SteadyWeb.encoder.encodeInto(rest, SteadyMemory.view(begin, end));
    }
    var scratch = new Uint8Array(end - begin);
    var done = SteadyWeb.encoder.encodeInto(rest, scratch);
    HEAPU8.set(scratch.subarray(0, done.written), begin);
    return done;
  },

  // Writes a short string as UTF-8, at most three bytes per code unit, and returns the number of
  // bytes. The overhead of a call of encodeInto equals the cost of some hundred code units here.
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

  // Creates a socket with the header's function. Returns its handle, or a negative number, which
  // may be a NewFailure; the error's message is then passed to leaveText. Members of an observer:
  //   prepare()        called before the constructor of WebSocket
  //   prepared(class)  called after it
  //   thrown           set to an exception or an event's error that was not reported yet
  //   lingering        array of connections that were deleted while closing
  //   receive          if true, messages go to message(data) directly
  //   `heard`          set to 1 for each such message
  //   message(data)    called for messages that `receive` or the core lets pass
  //   abandoned()      called when the connection is deleted
  //   enter(connection), leave()  optional, called around events
  steady_web_new__deps: ['$SteadyWeb', 'steady_websocket_new'],
  steady_web_new__sig: 'iii',
  steady_web_new: function (attributes, observerId) {
    var observer = SteadyWeb.observers[observerId];
    // If the global WebSocket is SteadySocket, its constructor throws an error with the class to
    // use instead: see bindings/src/platform.ts.
    var beneath = Symbol.for('steadysocket.beneath');
    var theirs;
    try {
      if (observer) {
        observer.thrown = undefined;
        observer.prepare();
      }
      globalThis[beneath] = true;
      for (var tries = 0; ; ++tries) {
        try {
          var handle = _steady_websocket_new(attributes);
          break;
        } catch (error) {
          var instead = SteadyWeb.peek(error, beneath);
          // Several copies of SteadySocket may be nested; more than eight are a cycle.
          if (!instead || tries > 8) throw error;
          theirs = theirs || WebSocket;
          WebSocket = instead;
        }
      }
      var socket = SteadyWeb.socket(handle);
      if (!socket) {
        SteadyWeb.leaveText('WebSocket is not available');
      } else {
        // If handlers cannot be set, this throws here, inside of the `try`.
        socket.onopen = socket.onerror = socket.onclose = socket.onmessage = null;
        if (observer) observer.prepared(WebSocket);
      }
      return handle;
    } catch (error) {
      if (socket) SteadyWeb.end(socket);
      if (observer) observer.thrown = error;
      var text = SteadyWeb.peekText(error, 'message');
      try {
        text = text || String(error);
      } catch (error) {
        // Not convertible to a string, such as Object.create(null).
      }
      SteadyWeb.leaveText(text || 'error without a message');
      var name = SteadyWeb.peek(error, 'name');
      // Deno throws NotCapable without --allow-net.
      return name === 'SyntaxError' ? -101 /* NewFailure::syntax_error */ :
        name === 'SecurityError' || name === 'NotCapable' ? -102 /* NewFailure::security_error */ :
        -103 /* NewFailure::other_error */;
    } finally {
      delete globalThis[beneath];
      if (theirs) WebSocket = theirs;
    }
  },

  // Copies the string passed to leaveText as UTF-8 to `begin`, unless that is null. Returns its
  // size in bytes.
  steady_web_take_text__deps: ['$SteadyWeb'],
  steady_web_take_text__sig: 'ii',
  steady_web_take_text: function (begin) {
    if (begin) HEAPU8.set(SteadyWeb.text, begin);
    return SteadyWeb.text.length;
  },

  // Passes the subprotocol that the server selected to leaveText.
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

  // Passes the description of a failure, and the reason of a close, to leaveText.
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

  // Registers a BrowserSocket and returns its key, which is valid until steady_web_delete.
  steady_web_register__deps: ['$SteadyWeb'],
  steady_web_register__sig: 'ii',
  steady_web_register: function (pointer) {
    var key = SteadyWeb.nextKey();
    SteadyWeb.connections.set(key, { pointer: pointer });
    return key;
  },

  // Returns the BrowserSocket of a key, or null.
  steady_web_socket_of__deps: ['$SteadyWeb'],
  steady_web_socket_of__sig: 'ii',
  steady_web_socket_of: function (key) {
    var connection = SteadyWeb.connections.get(key);
    return connection ? connection.pointer : 0;
  },

  // Wraps the header's handlers, and listens for messages. Without a grant (`receive`), each
  // message is first passed to the core as numbers only; the core calls steady_web_read if C++
  // needs the payload. If the core accepts the message, it is passed to the observer unchanged.
  steady_web_listen__deps: ['$SteadyWeb'],
  steady_web_listen__sig: 'viii',
  steady_web_listen: function (handle, key, observerId) {
    var connection = SteadyWeb.connections.get(key);
    var socket = (connection.socket = SteadyWeb.socket(handle));
    var observer = (connection.observer = SteadyWeb.observers[observerId]);
    if (observer) observer.connection = connection;
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
    // The header does not report details of an error. Browsers have none; other platforms do.
    wrap('onerror', function (event) {
      connection.wasCut = true;
      if (observer) observer.thrown = SteadyWeb.peek(event, 'error');
      connection.failure = SteadyWeb.peekText(event, 'message') || 'the connection failed';
      SteadyWeb.watchSilence(key, 0);
      return event;
    });
    // The header truncates the reason at U+0000.
    wrap('onclose', function (event) {
      // Without a close frame Deno reports 0 instead of 1006 (RFC 6455 7.1.5).
      var code = SteadyWeb.peekNumber(event, 'code') || 1006;
      var reason = SteadyWeb.peekText(event, 'reason');
      var wasClean = !!SteadyWeb.peek(event, 'wasClean');
      connection.wasCut = !wasClean;
      connection.reason = reason || (code == 1006 && connection.failure) || '';
      return { code: code, reason: reason, wasClean: wasClean };
    });
    socket.onmessage = function (event) {
      // Not by peek(), which is called with many names and so takes longer.
      try {
        var data = event.data;
      } catch (error) {
      }
      if (data === undefined) return;
      if (observer && observer.receive) {
        observer.heard = 1;
        observer.message(data);
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
      if (passes && observer) observer.message(data);
    };
  },

  // Copies the next part of the current message to [begin, begin + capacity). `from` is the
  // position in UTF-16 code units of a string, or in bytes. Writes two numbers to `progress`: the
  // units that were read and the bytes that were written.
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
  steady_web_send__deps: ['$SteadyMemory'],
  steady_web_send__sig: 'iiiii',
  steady_web_send: function (handle, isText, begin, size) {
    var socket = SteadyWeb.socket(handle);
    try {
      // In other states than OPEN, send() throws (CONNECTING) or discards the message (CLOSING).
      if (!socket || socket.readyState !== 1) return 1 /* TransportSend::not_open */;
      socket.send(
        isText ? SteadyMemory.decode(begin, size) : SteadyMemory.unsharedView(begin, begin + size));
      return 0 /* TransportSend::taken */;
    } catch (error) {
      return 2 /* TransportSend::refused */;
    }
  },

  // Passes a string of C++ to leaveText.
  steady_web_leave_text__deps: ['$SteadyMemory'],
  steady_web_leave_text__sig: 'vii',
  steady_web_leave_text: function (begin, size) {
    SteadyWeb.leaveText(SteadyMemory.decode(begin, size));
  },

  // The reason is the string passed to leaveText. The arguments were validated. If close() still
  // throws, there is nothing to close.
  steady_web_close__deps: ['$SteadyWeb'],
  steady_web_close__sig: 'vii',
  steady_web_close: function (handle, code) {
    try {
      if (code) SteadyWeb.socket(handle).close(code, SteadyWeb.left);
      else SteadyWeb.socket(handle).close();
    } catch (error) {
    }
  },

  // Deletes a socket: its handlers, the connection and the handle. Calls the observer's
  // abandoned(). A connection that is closing may still send its buffer, until unobserve ends it;
  // it keeps a Node process alive.
  steady_web_delete__deps: ['$SteadyWeb', 'steady_websocket_delete'],
  steady_web_delete__sig: 'viii',
  steady_web_delete: function (handle, key, observerId) {
    var observer = SteadyWeb.observers[observerId];
    if (observer) observer.abandoned();
    var socket = SteadyWeb.socket(handle);
    clearTimeout(SteadyWeb.connections.get(key).silence);
    SteadyWeb.connections.delete(key);
    // The header's function does not close the connection; one in state CONNECTING would still
    // open.
    try {
      _steady_websocket_delete(handle);
      // The ws package also emits errors of an aborted connection, and an error without a listener
      // ends a Node process.
      socket.onerror = function () {};
      var state = socket.readyState;
      if (state < 2 || (state === 2 && !socket.bufferedAmount)) SteadyWeb.end(socket);
      else if (observer && state === 2) observer.lingering.push(socket);
    } catch (error) {
    }
    // Before Emscripten 3.1.8 the header's function does not free the handle.
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

  // Milliseconds since 1970-01-01 UTC.
  steady_web_wall_clock__sig: 'd',
  steady_web_wall_clock: function () {
    return Date.now();
  },

  // Writes unpredictable random bytes. Not into the memory of a program with threads,
  // which getRandomValues does not accept.
  steady_web_random__sig: 'vii',
  steady_web_random: function (begin, size) {
    HEAPU8.set(crypto.getRandomValues(new Uint8Array(size)), begin);
  },

  // Calls `callback` with hints of the platform. Returns the id of the watch.
  steady_web_watch__deps: ['$SteadyWeb'],
  steady_web_watch__sig: 'ii',
  steady_web_watch: function (callback) {
    var notice = function (hint) {
      _steady_web_notice(callback, hint);
    };
    notice.callback = callback;
    return SteadyWeb.watch(notice);
  },

  // Ends a watch. Returns its callback, which is not called again, or 0.
  steady_web_unwatch__deps: ['$SteadyWeb'],
  steady_web_unwatch__sig: 'ii',
  steady_web_unwatch: function (id) {
    var notice = SteadyWeb.watches.get(id);
    SteadyWeb.watches.delete(id);
    return notice ? notice.callback : 0;
  },

  // Running timers by id.
  $steadyTimers: '=new Map()',

  steady_web_start_timer__deps: ['$SteadyWeb', '$steadyTimers'],
  steady_web_start_timer__sig: 'idi',
  steady_web_start_timer: function (delay, callback) {
    var id = SteadyWeb.nextKey();
    var timeout = setTimeout(function () {
      steadyTimers.delete(id);
      _steady_web_run(callback);
    }, delay);
    steadyTimers.set(id, { timeout: timeout, callback: callback });
    return id;
  },

  // Cancels a timer. Returns its callback, which will not be called, or 0.
  steady_web_cancel_timer__deps: ['$steadyTimers'],
  steady_web_cancel_timer__sig: 'ii',
  steady_web_cancel_timer: function (id) {
    var timer = steadyTimers.get(id);
    if (!timer) return 0;
    steadyTimers.delete(id);
    clearTimeout(timer.timeout);
    return timer.callback;
  },
});

// In a program with threads, the header's functions are proxied to the main thread, and callbacks
// run there. These are the same functions without the proxying: a Socket belongs to the thread that
// has created it.
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
