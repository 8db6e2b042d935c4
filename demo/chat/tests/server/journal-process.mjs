// A journal of the chat in a process of its own: executes the commands of the test's process, and
// reports everything to it.
import { lineOf, openJournal } from "./journals.mjs";

const { kind, options } = JSON.parse(process.argv[2]);
const report = (message) => process.send(message);
const author = { id: "torrent", userName: "Torrent" };

process.on("disconnect", () => process.exit());

try {
  const journal = await openJournal(kind, {
    ...options,
    onEntry: (entry) => report({ line: lineOf(entry) }),
    onMoved: (...moved) => report({ moved }),
    onUp: (isUp) => report({ isUp }),
    onError: (error) => report({ complaint: error.message }),
  });
  process.on("message", ({ id, method, args, torrent }) => {
    if (torrent !== undefined) return pour(journal, torrent);
    journal[method](...args).then(
      (answer) => report({ id, answer }),
      (error) => report({ id, error: error.message }),
    );
  });
  report({ isOpen: true });
} catch (error) {
  report({ error: error.message });
}

/** Sends numbers endlessly. */
function pour(journal, { first, atOnce }) {
  let next = first;
  const sayNext = async () => {
    const number = String(next++);
    const draft = { type: "chat-message", from: author, message: number, ref: number };
    report({ said: { number, ...(await journal.say(draft)) } });
    sayNext();
  };
  for (let i = 0; i < atOnce; i++) sayNext();
}
