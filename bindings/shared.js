// Sockets that a C++ program shares with JavaScript, by their names: what `steadysocket/attach` finds
// as Module.steadysocket. Nothing in here throws into wasm.

mergeInto(LibraryManager.library, {
  $SteadyShared__deps: ['$SteadyWeb'],
  $SteadyShared__postset: 'Module["steadysocket"] = SteadyShared; SteadyShared.sockets = new Map();',
  $SteadyShared: {
    // What sits beside the connections of each: see Hub in src/attach-core.ts.
    sockets: null,
    // Who waits for one to be made: {name, made()}.
    waiting: [],
    // The exports, which not every kind of module has as members.
    calls: {
      connect: function (socket, request) {
        return _steady_js_connect(socket, request);
      },
      reconnect: function (socket, code) {
        return _steady_js_reconnect(socket, code);
      },
      close: function (socket, code, deadline) {
        return _steady_js_close(socket, code, deadline);
      },
      setSendOptions: function (socket, ttl, flags) {
        _steady_js_set_send_options(socket, ttl, flags);
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
      bufferedAmount: function (socket) {
        return _steady_js_buffered_amount(socket);
      },
      retryIn: function (socket) {
        return _steady_js_retry_in(socket);
      },
      measured: function (socket, which) {
        return _steady_js_measured(socket, which);
      },
      _steady_js_send_now: function (socket, format, size) {
        return _steady_js_send_now(socket, format, size);
      },
      _steady_js_send: function (socket, format, payload, size) {
        return _steady_js_send(socket, format, payload, size);
      },
      _steady_js_state: function (socket) {
        return _steady_js_state(socket);
      },
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
        socket: null,
        credit: 0,
        receive: 0,
        batched: 0,
        seeksReply: 0,
        heard: 0,
        prepare: function () {},
        prepared: function () {},
        message: function (data) {
          hub.sinks.forEach(function (sink) {
            // A handler may detach the others, or destroy the socket.
            if (hub.sinks.indexOf(sink) >= 0) sink.message(data);
          });
        },
        tell: function (kind, a, b, c, text) {
          // EventKind.drained in src/core.ts: only the one who has asked.
          var told = kind == 7 ? [hub.drains.shift()] : hub.sinks;
          told.forEach(function (sink) {
            if (hub.sinks.indexOf(sink) >= 0) sink.tell(kind, a, b, c, text);
          });
        },
      };
      return hub;
    },
  },

  // Gives a JsSocket a name, and returns the number of its observer; 0 if the name is taken.
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

  // The JsSocket is about to be destroyed: those who are attached are told, and call it no more.
  steady_js_unshare__deps: ['$SteadyShared'],
  steady_js_unshare__sig: 'vi',
  steady_js_unshare: function (observer) {
    var hub = SteadyWeb.observers[observer];
    var sinks = hub.sinks;
    SteadyShared.sockets.delete(hub.name);
    sinks.forEach(function (sink) {
      // EventKind.gone in src/core.ts.
      sink.tell(10, 0, 0, 0, '');
    });
    hub.sinks = [];
    hub.handle = 0;
    // The connection still has it.
    SteadyWeb.postTask(function () {
      SteadyWeb.unobserve(observer);
    });
  },

  // Keeps a copy of a message of the program's own, and returns its handle.
  steady_js_keep__deps: ['$SteadyWeb'],
  steady_js_keep__sig: 'iiii',
  steady_js_keep: function (isText, begin, size) {
    return SteadyWeb.keepPayload(
      isText ? SteadyWeb.decode(begin, size) : HEAPU8.slice(begin, begin + size).buffer);
  },
});
