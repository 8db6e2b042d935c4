// The connection, the players and their scores: received by the socket, shown as text.
import { colourOf } from "./colours.js";
import { disc, element, find, nameNode, setText } from "./dom.js";

/** Milliseconds between two updates of figures that change over time. */
const lookInterval = 250;
/** Milliseconds over which messages are counted. */
const rateTime = 2000;

const words = {
  idle: "not connected",
  connecting: "connecting",
  open: "connected",
  waiting: "connection lost",
  suspended: "no network",
  closing: "closing",
  closed: "closed",
};

export class Hud {
  /**
   * Players by id.
   * @type {Map<number, { id: number, name: string, colour: number, score: number, wins: number,
   *   past: number }>} `past`: points of earlier rounds.
   */
  #players = new Map();
  #me;
  #socket;
  #connections = 0;
  /** The arrival times of messages in the last seconds. */
  #arrivals = [];
  /** The server's reason for the end of the last connection. */
  #farewell = "";
  /** The last error. The notice shows it if the server gave no reason. */
  #fault = "";

  constructor(socket) {
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#connections += 1;
    });
    socket.addEventListener("close", ({ reason }) => {
      this.#farewell = reason;
    });
    socket.addEventListener("error", ({ message }) => {
      this.#fault = message;
    });
    // Only counted here: Blobs of all states would cost more than the WebAssembly does.
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", () => this.#arrivals.push(performance.now()));
    socket.addEventListener("statechange", () => this.#showState());
    socket.on("welcome", ({ you, players }) => {
      this.#me = you;
      this.#players = new Map(players.map((player) => [player.id, withPast(player)]));
      this.#showScores();
    });
    socket.on("joined", ({ player }) => {
      this.#players.set(player.id, withPast(player));
      this.#showScores();
    });
    socket.on("left", ({ player }) => {
      this.#players.delete(player);
      this.#showScores();
    });
    socket.on("scored", ({ player, score }) => {
      const one = this.#players.get(player);
      if (one === undefined) return;
      one.score = score;
      this.#showScores();
    });
    socket.on("round", (round) => this.#beginPhase(round));
    this.#showState();
    setInterval(() => this.#look(), lookInterval);
  }

  nameOf(id) {
    return this.#players.get(id)?.name ?? "";
  }

  #beginPhase({ phase, ranking }) {
    for (const player of this.#players.values()) {
      if (phase === "play") {
        player.past += player.score;
        player.score = 0;
      }
      player.wins = ranking.find(({ player: id }) => id === player.id)?.wins ?? player.wins;
    }
    this.#showScores();
  }

  #showState() {
    const { state } = this.#socket;
    find("status").dataset.state = state;
    setText(find("status"), words[state]);
    this.#look();
  }

  #look() {
    const { state, retryIn } = this.#socket;
    const notice = find("notice");
    notice.hidden = state === "open";
    if (state === "waiting") {
      const seconds = Math.ceil((retryIn ?? 0) / 1000);
      setText(notice, `Connection lost. Next attempt in ${seconds} s.`);
    } else if (state === "connecting") {
      setText(notice, "Connecting …");
    } else if (state === "suspended") {
      setText(notice, "There is no network.");
    } else if (state === "closed") {
      const why = this.#farewell || this.#fault;
      setText(
        notice,
        `The connection is closed${why && `: ${why}`}. Reload the page to play again.`,
      );
    }
    const since = performance.now() - rateTime;
    this.#arrivals = this.#arrivals.filter((time) => time >= since);
    setText(find("rate"), String(Math.round((this.#arrivals.length * 1000) / rateTime)));
    const trip = state === "open" ? this.#socket.stats().roundTrip : undefined;
    setText(find("round-trip"), trip === undefined ? "–" : `${trip.last} ms`);
    setText(find("connections"), String(this.#connections));
  }

  #showScores() {
    const best = [...this.#players.values()].sort((a, b) => b.score - a.score || a.id - b.id);
    setText(find("players"), String(best.length));
    find("scores").replaceChildren(
      ...best.map(({ id, name, colour, score, wins, past }) => {
        const points = element("output", "", String(score));
        points.title = `${past + score} points in all rounds`;
        const won = element("span", "wins", wins === 0 ? "" : `${wins} ★`);
        won.title = `rounds won: ${wins}`;
        const row = element(
          "li",
          id === this.#me ? "me" : "",
          disc(colourOf(colour)),
          nameNode(name),
          won,
          points,
        );
        row.dataset.id = id;
        return row;
      }),
    );
  }
}

function withPast({ total, ...player }) {
  return { ...player, past: total - player.score };
}
