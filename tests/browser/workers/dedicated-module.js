import { play } from "./scene.js";

play(self);
