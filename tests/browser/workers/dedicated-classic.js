const scene = import("./scene.js");
const early = [];
self.onmessage = (event) => early.push(event);
scene.then(({ play }) => {
  play(self);
  for (const event of early) self.onmessage(event);
});
