// What the bindings call in JavaScript. Nothing in here throws into wasm.

mergeInto(LibraryManager.library, {
  // Tells an observer of an event: see `Kind` in js_socket.cpp and Observer in src/core.ts. The
  // observer only writes it down: no handler of a user runs while there is wasm on the stack.
  steady_js_tell__deps: ['$SteadyWeb'],
  steady_js_tell__sig: 'viidddii',
  steady_js_tell: function (observer, kind, a, b, c, begin, size) {
    var sink = SteadyWeb.observers[observer];
    try {
      sink.tell(kind, a, b, c, SteadyWeb.decode(begin, size));
      // Of this error, or of none any more: EventKind.close and .error in src/core.ts.
      if (kind == 1 || kind == 2) sink.thrown = undefined;
    } catch (error) {
      SteadyWeb.postTask(function () {
        throw error;
      });
    }
  },

  // Asks an observer at once what follows the end of a connection: a CloseAction, or a negative
  // number to leave it to the rules. The core expects to be called meanwhile (see Options::decide).
  steady_js_decide__deps: ['$SteadyWeb'],
  steady_js_decide__sig: 'iiiiii',
  steady_js_decide: function (observer, code, wasClean, begin, size) {
    return SteadyWeb.observers[observer].decide(code, wasClean, SteadyWeb.decode(begin, size));
  },
});
