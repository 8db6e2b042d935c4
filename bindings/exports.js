// Emscripten's minimal runtime has them in variables only.
Object.assign(Module, { _steady_js_send_now, _steady_js_send, _steady_js_state });
