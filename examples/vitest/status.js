/** Shows the state of a socket in an element. Returns a function that stops this. */
export function showStatus(element, socket) {
  return socket
    .watch(({ state, queued }) => ({ state, queued }))
    .subscribe(({ state, queued }) => {
      element.textContent = queued > 0 ? `${state}, ${queued} queued` : state;
    });
}
