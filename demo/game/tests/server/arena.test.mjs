// The arena by itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Arena, arena, stepTime } from "../../server/arena.mjs";

const way = (arena.speed * stepTime) / 1000;
const body = (members) => ({ x: 800, y: 450, dx: 0, dy: 0, ...members });

/** An arena whose dots are placed by the test. */
function arenaWith(dots, ...bodies) {
  const world = new Arena();
  world.dots = dots;
  for (const one of bodies) world.add(one);
  return world;
}

test("a step moves all players by the same distance in their direction", () => {
  const [one, other] = [body({ dx: 1 }), body({ dy: -0.5 })];
  arenaWith([], one, other).step();
  assert.deepEqual([one.x, one.y], [800 + way, 450]);
  assert.deepEqual([other.x, other.y], [800, 450 - way / 2]);
});

test("walls keep all players inside", () => {
  const one = body({ x: arena.width - arena.radius - 1, y: arena.radius, dx: 0.7, dy: -0.7 });
  arenaWith([], one).step();
  assert.deepEqual([one.x, one.y], [arena.width - arena.radius, arena.radius]);
});

test("a dot goes to the nearest player touching it, and another one appears elsewhere", () => {
  const [near, nearer, far] = [body({ x: 780 }), body({ x: 805 }), body({ x: 700 })];
  const world = arenaWith([{ x: 800, y: 450 }], far, near, nearer);
  assert.deepEqual(world.step(), [nearer]);
  assert.equal(world.dots.length, 1);
  assert.notDeepEqual(world.dots[0], { x: 800, y: 450 });
});

test("the last four dots are worth five points each", () => {
  const one = body({});
  const world = arenaWith([], one);
  const far = { x: 100, y: 100 };
  for (const [index, points] of [
    [0, 1],
    [35, 1],
    [36, 5],
    [39, 5],
  ]) {
    world.dots = new Array(arena.dots).fill(far).with(index, { x: one.x, y: one.y });
    assert.deepEqual(world.step(), new Array(points).fill(one), `dot ${index}`);
  }
});

test("a disconnected player collects nothing, nor does one who has left", () => {
  const [away, gone] = [body({ isAway: true }), body({})];
  const world = arenaWith([{ x: 800, y: 450 }], away, gone);
  world.remove(gone);
  assert.deepEqual(world.step(), []);
});

test("dots are within reach of players", () => {
  for (const extreme of [0, 1 - Number.EPSILON]) {
    const { dots } = new Arena(() => extreme);
    assert.equal(dots.length, arena.dots);
    for (const { x, y } of dots) {
      assert.ok(x >= arena.radius && x <= arena.width - arena.radius);
      assert.ok(y >= arena.radius && y <= arena.height - arena.radius);
    }
  }
});
