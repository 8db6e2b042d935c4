// Sockets that a C++ program shares with JavaScript, by their names: what `steadysocket/attach` finds
// as Module.steadysocket. Nothing in here throws into wasm.

mergeInto(LibraryManager.library, {
  $SteadyShared__deps: ['$SteadyWeb'],
  $SteadyShared__postset: 'Module["steadysocket"] = SteadyShared; SteadyShared.sockets = new Map();',
  $SteadyShared: {
    // What sits beside the connections of each: see Hub in src/attached-port.ts.
    sockets: null,
    // Who waits for one to be made: {name, made()}.
    waiting: [],
    // Values that wait in the core's queue as handles.
    payloads: [null],
    free: [],
    // The exports, which not every kind of module has as members.
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
    // Gives a value to the platform, and returns a TransportSend: put here by the package's attach.
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
        // Observers of those who are attached. Replaced, never changed.
        sinks: [],
        // Who is to be told next that nothing waits any more.
        drains: [],
        // The grant, and what was sent within it and was not reported yet.
        socket: null,
        credit: 0,
        receive: 0,
        batched: 0,
        seeksReply: 0,
        heard: 0,
        sent: [],
        // For steady_web.js: see steady_web_new.
        connection: undefined,
        thrown: undefined,
        lingering: [],
        prepare: function () {},
        prepared: function () {},
        abandoned: function () {
          hub.connection = undefined;
          hub.socket = null;
          hub.credit = hub.receive = hub.batched = hub.seeksReply = 0;
          hub.sent = [];
        },
        message: function (data) {
          hub.sinks.forEach(function (sink) {
            // A handler may detach the others, or destroy the socket.
            if (hub.sinks.indexOf(sink) >= 0) sink.message(data);
          });
        },
        tell: function (kind, a, b, c, text) {
          // It answers one of them.
          var isAnswer = kind == 6 /* CommandKind::drained */;
          var sinks = isAnswer ? [hub.drains.shift()] : hub.sinks;
          sinks.forEach(function (sink) {
            if (hub.sinks.indexOf(sink) >= 0) sink.tell(kind, a, b, c, text);
          });
        },
      };
      return hub;
    },
  },

  // Gives a socket a name, and returns the number of its observer; 0 if the name is taken.
  steady_js_share__deps: ['$SteadyShared'],
  steady_js_share__sig: 'iiiiii',
  steady_js_share: function (handle, name, nameSize, version, versionSize) {
    var named = SteadyWeb.decode(name, nameSize);
    if (SteadyShared.sockets.has(named)) return 0;
    var hub = SteadyShared.makeHub(handle, named, SteadyWeb.decode(version, versionSize));
    SteadyShared.sockets.set(named, hub);
    SteadyShared.waiting = SteadyShared.waiting.filter(function (one) {
      if (one.name != named) return true;
      // It fulfils a promise: nobody runs in here.
      one.made();
      return false;
    });
    return SteadyWeb.observe(hub);
  },

  // What JavaScript has to know of its options.
  steady_js_describe__deps: ['$SteadyWeb'],
  steady_js_describe__sig: 'viiiii',
  steady_js_describe: function (observer, url, urlSize, member, memberSize) {
    var hub = SteadyWeb.observers[observer];
    hub.url = SteadyWeb.decode(url, urlSize);
    hub.typeMember = SteadyWeb.decode(member, memberSize);
  },

  // The socket is about to be destroyed: those who are attached are told, and call it no more.
  steady_js_unshare__deps: ['$SteadyShared'],
  steady_js_unshare__sig: 'vi',
  steady_js_unshare: function (observer) {
    var hub = SteadyWeb.observers[observer];
    var sinks = hub.sinks;
    SteadyShared.sockets.delete(hub.name);
    sinks.forEach(function (sink) {
      sink.tell(101 /* SharedEvent::gone */, 0, 0, 0, '');
    });
    hub.sinks = [];
    hub.handle = 0;
    // The connection still has it.
    SteadyWeb.postTask(function () {
      SteadyWeb.unobserve(observer);
    });
  },

  // Keeps a copy of a message of the program's own, and returns its handle.
  steady_js_keep__deps: ['$SteadyShared'],
  steady_js_keep__sig: 'iiii',
  steady_js_keep: function (isText, begin, size) {
    return SteadyShared.keep(
      isText ? SteadyWeb.decode(begin, size) : HEAPU8.slice(begin, begin + size).buffer);
  },

  steady_js_release_payload__deps: ['$SteadyShared'],
  steady_js_release_payload__sig: 'vi',
  steady_js_release_payload: function (handle) {
    SteadyShared.payloads[handle] = undefined;
    SteadyShared.free.push(handle);
  },

  // Tells an observer of an event: its kind is a CommandKind or a SharedEvent. The observer only writes it
  // down: no handler of a user runs while there is wasm on the stack.
  steady_js_tell__deps: ['$SteadyShared'],
  steady_js_tell__sig: 'viidddii',
  steady_js_tell: function (observer, kind, a, b, c, begin, size) {
    var hub = SteadyWeb.observers[observer];
    try {
      hub.tell(kind, a, b, c, SteadyWeb.decode(begin, size));
      // It was the cause of this error, or of an earlier connection.
      if (kind == 1 /* CommandKind::close */ || kind == 2 /* CommandKind::error */) {
        hub.thrown = undefined;
      }
    } catch (error) {
      SteadyWeb.postTask(function () {
        throw error;
      });
    }
  },

  // Sends a value, or an array of several JSON texts. A single one stays as it is, unless it is an array
  // itself. Returns a TransportSend.
  steady_js_send_payloads__deps: ['$SteadyShared'],
  steady_js_send_payloads__sig: 'iiiii',
  steady_js_send_payloads: function (observer, handles, count, inBatch) {
    var hub = SteadyWeb.observers[observer];
    var values = [];
    for (var i = 0; i < count; ++i) {
      values.push(SteadyShared.payloads[HEAP32[(handles >> 2) + i]]);
    }
    var isArray = inBatch && (count > 1 || values[0][0] == '[');
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
    hub.credit = credit;
  },

  // Takes the oldest that was sent within the grant: its handle, or 0 if there is none, or if nothing is
  // in the platform's buffer any more. Writes to `about` whether it is text, and its bytes on the wire.
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
