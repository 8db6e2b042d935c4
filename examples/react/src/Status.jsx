import { useSteadyState } from "steadysocket/react";

/** Rendered again when the state, the queue or the countdown changes; the chat is not. */
export function Status({ socket }) {
  const { state, retryIn, queued } = useSteadyState(socket);
  const next = retryIn === undefined ? "Connecting …" : `Reconnecting in ${retryIn / 1000} s`;
  return (
    <p role="status" className={state === "open" ? "" : "away"}>
      {state === "open" ? "Connected" : next}
      {queued > 0 && `, ${queued} queued`}
    </p>
  );
}
