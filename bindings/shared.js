// Sockets that a C++ program shares with JavaScript: Module.steadysocket, which
// `steadysocket/attach` uses. No function throws into wasm.

mergeInto(LibraryManager.library, {
  $SteadyShared__deps: ['$SteadyMemory'],
  $SteadyShared__postset: 'Module["steadysocket"] = SteadyShared; SteadyShared.sockets = new Map();',
  $SteadyShared: {
    // The observer of each shared socket, by name: see Hub in src/attached-port.ts.
    sockets: null,
    // Pending calls of whenShared: {name, made()}.
    waiting: [],
    // Values of messages in the kernel's queue, by handle.
    payloads: [null],
    free: [],
    // The exports, which are not members of every kind of module.
    calls: {
      attempt: function (socket, kind) {
        return _steady_js_attempt(socket, kind);
      },
      reconnect: function (socket, code) {
        return _steady_js_reconnect(socket, code);
      },
      close: function (socket, code, deadline) {
        return _steady_js_close(socket, code, deadline);
      },
      send: function (socket, isText, handle, size, flags, ttl) {
        return _steady_js_send(socket, isText, handle, size, flags, ttl);
      },
      cancel: function (socket, id) {
        return _steady_js_cancel(socket, id);
      },
      answered: function (socket, id) {
        return _steady_js_answered(socket, id);
      },
      drained: function (socket) {
        _steady_js_drained(socket);
      },
      pong: function (socket) {
        _steady_js_pong(socket);
      },
      read: function (socket, reading) {
        return _steady_js_read(socket, reading);
      },
    },
    // Passes a value to the platform, and returns a TransportSend. Set by the package's `attach`.
    transmit: null,
    keep: function (value) {
      var free = SteadyShared.free;
      var handle = free.length ? free.pop() : SteadyShared.payloads.length;
      SteadyShared.payloads[handle] = value;
      return handle;
    },
    makeHub: function (handle, name, version) {
      var hub = {
        handle: handle,
        name: name,
        version: version,
        url: '',
        typeMember: '',
        // The listeners of attached sockets. Copied on write.
        listeners: [],
        // The listeners with a pending `drained` call, in order.
        drains: [],
        // The grant, and the messages sent within it and not yet reported.
        socket: null,
        credit: 0,
        receive: 0,
        batched: 0,
        seeksReply: 0,
        // Nothing is granted in a session: C++ counts every message.
        inSession: 0,
        heard: 0,
        sent: [],
        // Accessed by steady_web.js: see steady_web_new.
        connection: undefined,
        thrown: undefined,
        lingering: [],
        prepare: function () {},
        prepared: function () {},
        abandoned: function () {
          hub.connection = undefined;
          hub.socket = null;
          hub.credit = hub.receive = hub.batched = hub.seeksReply = hub.inSession = 0;
          hub.sent = [];
        },
        message: function (data) {
          // It would be a control frame otherwise: docs/design/session-protocol.md.
          if (hub.inSession && data[0] == '\x10') data = data.slice(1);
          hub.listeners.forEach(function (listener) {
            // A handler may detach other listeners, or destroy the socket.
            if (hub.listeners.indexOf(listener) >= 0) listener.message(data);
          });
        },
        notify: function (kind, a, b, c, text) {
          // Answers one call of one listener.
          var isAnswer = kind == 6 /* CommandKind::drained */;
          var listeners = isAnswer ? [hub.drains.shift()] : hub.listeners;
          listeners.forEach(function (listener) {
            if (hub.listeners.indexOf(listener) >= 0) listener.notify(kind, a, b, c, text);
          });
        },
      };
      return hub;
    },
  },

  // Shares a socket under a name. Returns the number of its observer; 0 if the name is taken.
  steady_js_share__deps: ['$SteadyShared'],
  steady_js_share__sig: 'iiiiii',
  steady_js_share: function (handle, name, nameSize, version, versionSize) {
    var socketName = SteadyMemory.decode(name, nameSize);
    if (SteadyShared.sockets.has(socketName)) return 0;
    var hub = SteadyShared.makeHub(handle, socketName, SteadyMemory.decode(version, versionSize));
    SteadyShared.sockets.set(socketName, hub);
    SteadyShared.waiting = SteadyShared.waiting.filter(function (one) {
      if (one.name != socketName) return true;
      // Only resolves a promise: no code of the user runs here.
      one.made();
      return false;
    });
    return SteadyWeb.observe(hub);
  },

  // Stores the options that JavaScript needs.
  steady_js_describe__deps: ['$SteadyMemory'],
  steady_js_describe__sig: 'viiiii',
  steady_js_describe: function (observer, url, urlSize, member, memberSize) {
    var hub = SteadyWeb.observers[observer];
    hub.url = SteadyMemory.decode(url, urlSize);
    hub.typeMember = SteadyMemory.decode(member, memberSize);
  },

  // Called before the socket is destroyed. Notifies the listeners, which do not call it any more.
  steady_js_unshare__deps: ['$SteadyShared'],
  steady_js_unshare__sig: 'vi',
  steady_js_unshare: function (observer) {
    var hub = SteadyWeb.observers[observer];
    var listeners = hub.listeners;
    SteadyShared.sockets.delete(hub.name);
    listeners.forEach(function (listener) {
      listener.notify(101 /* SharedEvent::gone */, 0, 0, 0, '');
    });
    hub.listeners = [];
    hub.handle = 0;
    // The connection still uses the observer.
    SteadyWeb.postTask(function () {
      SteadyWeb.unobserve(observer);
    });
  },

  // Stores a copy of a message sent by the program, and returns its handle.
  steady_js_keep__deps: ['$SteadyShared'],
  steady_js_keep__sig: 'iiii',
  steady_js_keep: function (isText, begin, size) {
    return SteadyShared.keep(
      isText ? SteadyMemory.decode(begin, size) : HEAPU8.slice(begin, begin + size).buffer);
  },

  steady_js_release_payload__deps: ['$SteadyShared'],
  steady_js_release_payload__sig: 'vi',
  steady_js_release_payload: function (handle) {
    SteadyShared.payloads[handle] = undefined;
    SteadyShared.free.push(handle);
  },

  // Notifies the listeners of an event: `kind` is a CommandKind or a SharedEvent. They only record
  // it: no handler of a user runs while wasm is on the stack.
  steady_js_tell__deps: ['$SteadyShared'],
  steady_js_tell__sig: 'viidddii',
  steady_js_tell: function (observer, kind, a, b, c, begin, size) {
    var hub = SteadyWeb.observers[observer];
    try {
      hub.notify(kind, a, b, c, SteadyMemory.decode(begin, size));
      // The cause of this error, or of an error of an earlier connection.
      if (kind == 1 /* CommandKind::close */ || kind == 2 /* CommandKind::error */) {
        hub.thrown = undefined;
      }
    } catch (error) {
      SteadyWeb.postTask(function () {
        throw error;
      });
    }
  },

  // Sends one value, or several JSON strings as one array. A single one is wrapped only if it is an
  // array itself. Returns a TransportSend.
  steady_js_send_payloads__deps: ['$SteadyShared'],
  steady_js_send_payloads__sig: 'iiiii',
  steady_js_send_payloads: function (observer, handles, count, inBatch) {
    var hub = SteadyWeb.observers[observer];
    var values = [];
    for (var i = 0; i < count; ++i) {
      values.push(SteadyShared.payloads[HEAP32[(handles >> 2) + i]]);
    }
    var isArray = inBatch && (count > 1 || values[0][0] == '[');
    if (hub.inSession && values[0][0] == '\x10') values[0] = '\x10' + values[0];
    return SteadyShared.transmit(
      hub.connection && hub.connection.socket, isArray ? '[' + values.join() + ']' : values[0]);
  },

  // `bits`: GrantBit.
  steady_js_grant__deps: ['$SteadyWeb'],
  steady_js_grant__sig: 'viid',
  steady_js_grant: function (observer, bits, credit) {
    var hub = SteadyWeb.observers[observer];
    hub.socket = hub.connection ? hub.connection.socket : null;
    hub.receive = bits & 1 /* GrantBit::grant_receive */;
    hub.batched = bits & 2 /* GrantBit::grant_batched */;
    hub.seeksReply = bits & 4 /* GrantBit::grant_seeks_reply */;
    hub.inSession = bits & 8 /* GrantBit::grant_in_session */;
    hub.credit = credit;
  },

  // Removes the oldest message sent within the grant, and returns its handle; 0 if there is none,
  // or if the platform's buffer is empty. Writes to `about`: 1 if it is text, and its bytes on the
  // wire.
  steady_js_take_sent__deps: ['$SteadyShared'],
  steady_js_take_sent__sig: 'iii',
  steady_js_take_sent: function (observer, about) {
    var hub = SteadyWeb.observers[observer];
    if (!hub.sent.length) return 0;
    if (!hub.connection || !SteadyWeb.amount(hub.connection)) {
      hub.sent = [];
      return 0;
    }
    var data = hub.sent.shift();
    var isText = typeof data == 'string';
    if (isText) SteadyWeb.leaveText(data);
    HEAP32[about >> 2] = isText ? 1 : 0;
    HEAP32[(about + 4) >> 2] =
      isText ? SteadyWeb.text.length : 'byteLength' in data ? data.byteLength : data.size;
    return SteadyShared.keep(data);
  },

  steady_js_take_heard__deps: ['$SteadyWeb'],
  steady_js_take_heard__sig: 'ii',
  steady_js_take_heard: function (observer) {
    var hub = SteadyWeb.observers[observer];
    var heard = hub.heard;
    hub.heard = 0;
    return heard;
  },
});
