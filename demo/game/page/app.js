// Connects the parts: the game in C++, which makes the socket, and JavaScript's use of the same
// socket.
import { attach } from "./attach.js";
import { Chat, randomKey } from "./chat.js";
import { find, setText } from "./dom.js";
import { Drawing } from "./draw.js";
import createGame from "./game.mjs";
import { Hud } from "./hud.js";
import { NetGraph } from "./net-graph.js";
import { hasControls, NetworkControls } from "./network.js";
import { RoundView } from "./round.js";
import { playCollected, setSound } from "./sound.js";
import { Steering } from "./steering.js";
import { countBytes } from "./wire.js";

const keyItem = "steadysocket-game-key";
const nameItem = "steadysocket-game-name";

/** Milliseconds between two polls of a hidden page, which has no frames. */
const pollInterval = 10_000;

/** The hud, once there is a socket. @type {Hud | undefined} */
let hud;
/** @type {Steering | undefined} */
let steering;
/** @type {RoundView | undefined} */
let round;

const canvas = find("arena");
const drawing = new Drawing(canvas, (id) => hud?.nameOf(id) ?? "", playCollected);

async function load() {
  try {
    return await createGame({
      draw(numbers) {
        drawing.draw(numbers);
        round?.update(drawing.scene, drawing.me);
        steering?.update();
      },
    });
  } catch (error) {
    setText(find("join-error"), `The game could not be loaded: ${error.message}`);
    throw error;
  }
}

/** This tab's secret, which identifies the player after a reload. */
function tabKey() {
  const key = sessionStorage.getItem(keyItem) ?? randomKey();
  sessionStorage.setItem(keyItem, key);
  return key;
}

function play(game, name) {
  sessionStorage.setItem(nameItem, name);
  const url = new URL("game", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const line = randomKey();
  url.search = `?line=${line}`;
  url.hash = "";
  countBytes();
  game.ccall("game_start", null, ["string", "string", "string"], [url.href, name, tabKey()]);
  const socket = attach(game, "game");
  hud = new Hud(socket);
  new Chat(socket);
  round = new RoundView(socket);
  const graph = new NetGraph(socket, () => game._game_waiting());
  if (isDisturbable) new NetworkControls(socket, line);
  steering = new Steering(canvas, () => drawing.me, {
    steer: (dx, dy) => game._game_steer(dx, dy),
    stop: () => game._game_stop(),
  });
  find("prediction").addEventListener("change", ({ target }) =>
    game._game_set_prediction(target.checked ? 1 : 0),
  );
  find("sound").addEventListener("change", ({ target }) => setSound(target.checked));
  game._game_run();
  setInterval(() => {
    if (document.hidden) game._game_poll();
  }, pollInterval);
  // For debugging, and for the tests.
  globalThis.arena = { game, socket, drawing, graph, round };
  find("join").hidden = true;
  canvas.focus();
}

find("name").value = sessionStorage.getItem(nameItem) ?? "";
find("name").focus();
const [game, isDisturbable] = await Promise.all([load(), hasControls()]);
find("play").disabled = false;
find("join").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = find("name").value.trim();
  if (name === "") setText(find("join-error"), "A name needs a visible character.");
  else if (hud === undefined) play(game, name);
});
