// A journal of the chat in a process of its own: executes the commands of the test's process, and
// reports everything to it.
import { lineOf, openJournal } from "./journals.mjs";

const { kind, options } = JSON.parse(process.argv[2]);
const tell = (message) => process.send(message);
const author = { id: "torrent", userName: "Torrent" };

process.on("disconnect", () => process.exit());

try {
  const journal = await openJournal(kind, {
    ...options,
    onEntry: (entry) => tell({ line: lineOf(entry) }),
    onMoved: (...moved) => tell({ moved }),
    onUp: (isUp) => tell({ isUp }),
    onError: (error) => tell({ complaint: error.message }),
  });
  process.on("message", ({ id, method, args, torrent }) => {
    if (torrent !== undefined) return pour(journal, torrent);
    journal[method](...args).then(
      (answer) => tell({ id, answer }),
      (error) => tell({ id, error: error.message }),
    );
  });
  tell({ isOpen: true });
} catch (error) {
  tell({ error: error.message });
}

/** Sends numbers endlessly. */
function pour(journal, { first, atOnce }) {
  let next = first;
  const sayNext = async () => {
    const number = String(next++);
    const draft = { type: "chat-message", from: author, message: number, ref: number };
    tell({ said: { number, ...(await journal.say(draft)) } });
    sayNext();
  };
  for (let i = 0; i < atOnce; i++) sayNext();
}
