// The messages of the benchmark.

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytes = (object) => encoder.encode(JSON.stringify(object)).length;

/**
 * A message of about `size` bytes: a chat message up to 100 bytes, above that a list of records with
 * words, numbers and flags.
 */
export function message(size, i, { type = "chat", wide = false, typeLast = false } = {}) {
  const word = wide ? "игрок😀" : "player";
  const body = size < 100 ? { text: "" } : { items: [] };
  const first = { type, id: 100_000 + i, ...body };
  const object = typeLast ? { id: first.id, ...body, type } : first;
  let room = size - bytes(object);
  if (size < 100) {
    const letter = wide ? "ж" : "m";
    object.text = letter.repeat(Math.max(1, Math.floor(room / (wide ? 2 : 1))));
    return object;
  }
  for (let n = 0; ; ++n) {
    const item = {
      name: `${word}-${(i * 7 + n) % 97}`,
      x: (i % 90) + n / 8,
      y: -n * 1.25,
      up: true,
    };
    room -= bytes(item) + 1;
    if (room < 0) return object;
    object.items.push(item);
  }
}

/**
 * The same string as a browser creates it from a frame: outside of the engine's heap, where reading
 * is slower than for a string that JavaScript has created.
 */
export const asReceived = (text) => decoder.decode(encoder.encode(text));

/** Different messages of one size; fewer if they are large. */
export function messages(size, options = {}) {
  const count = Math.min(500, Math.max(16, Math.floor(4_000_000 / size)));
  const { types = ["chat"], ...rest } = options;
  return Array.from({ length: count }, (_, i) =>
    message(size, i, { ...rest, type: types[i % types.length] }),
  );
}
