// The round: its aim, the countdown, the own place, and the result at its end.
import { colourOf } from "./colours.js";
import { disc, element, find, nameNode, setText } from "./dom.js";

const ordinals = new Intl.PluralRules("en", { type: "ordinal" });
const endings = { one: "st", two: "nd", few: "rd", other: "th" };

export class RoundView {
  #me;
  /** The result being shown, or undefined. */
  #result;

  constructor(socket) {
    socket.on("welcome", ({ you, round }) => {
      this.#me = you;
      this.#show(round);
    });
    socket.on("round", (round) => this.#show(round));
  }

  /**
   * Call this once per frame.
   * @param {import("./scene.js").Scene} scene
   * @param {{ x: number, y: number } | undefined} at The own position on the canvas in pixels.
   */
  update({ me, round, players }, at) {
    find("board").hidden = round.n < 0;
    find("board").dataset.isInTheWay = String(isBehind(find("board"), at));
    const seconds = round.remaining < 0 ? undefined : Math.ceil(round.remaining / 1000);
    setText(find("clock"), clockOf(round.isOver, seconds));
    find("clock").dataset.isLate = String(!round.isOver && seconds !== undefined && seconds <= 10);
    setText(find("aim"), `First to ${round.target} points, or most when time is up`);
    setText(find("place"), placeOf(me, players));
    if (this.#result !== undefined) setText(find("next"), nextIn(seconds));
  }

  #show(round) {
    this.#result = round?.phase === "end" ? round : undefined;
    find("result").hidden = this.#result === undefined;
    if (this.#result === undefined) return;
    const { ranking } = this.#result;
    setText(find("winner"), this.#headline(ranking));
    find("ranking").replaceChildren(
      ...ranking.map(({ player, name, colour, score, wins }) =>
        element(
          "li",
          player === this.#me ? "me" : "",
          disc(colourOf(colour)),
          nameNode(name),
          element("span", "wins", wins === 1 ? "1 win" : `${wins} wins`),
          element("output", "", String(score)),
        ),
      ),
    );
  }

  #headline(ranking) {
    const best = ranking[0]?.score ?? 0;
    const winners = ranking.filter(({ score }) => score === best);
    if (best === 0) return "No one scored";
    if (winners.length > 1) return "A draw";
    return winners[0].player === this.#me ? "You win!" : `${winners[0].name} wins`;
  }
}

/** True if the board, which has the canvas's origin, covers the player. */
function isBehind({ offsetLeft, offsetTop, offsetWidth, offsetHeight }, at) {
  if (at === undefined) return false;
  const isBetween = (value, from, size) => value > from - 20 && value < from + size + 20;
  return isBetween(at.x, offsetLeft, offsetWidth) && isBetween(at.y, offsetTop, offsetHeight);
}

function clockOf(isOver, seconds) {
  if (isOver) return "End";
  if (seconds === undefined) return "–:––";
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function nextIn(seconds) {
  return seconds === undefined || seconds === 0
    ? "The next round begins when the server is back"
    : `Next round in ${seconds} s`;
}

function placeOf(me, players) {
  const mine = players.find(({ id }) => id === me);
  if (mine === undefined) return "";
  const place = 1 + players.filter(({ score }) => score > mine.score).length;
  return `${mine.score} points · ${place}${endings[ordinals.select(place)]} of ${players.length}`;
}
