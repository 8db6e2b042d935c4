// A short tone for a collected dot, if the player wants it.

let context;

/** @param {boolean} isOn */
export function setSound(isOn) {
  if (isOn) context ??= new AudioContext();
  void (isOn ? context?.resume() : context?.suspend());
}

/** @param {number} points */
export function playCollected(points) {
  if (context?.state !== "running") return;
  const tone = context.createOscillator();
  const volume = context.createGain();
  const now = context.currentTime;
  tone.type = "triangle";
  tone.frequency.setValueAtTime(points > 1 ? 660 : 440, now);
  tone.frequency.exponentialRampToValueAtTime(points > 1 ? 1320 : 660, now + 0.08);
  volume.gain.setValueAtTime(0.12, now);
  volume.gain.exponentialRampToValueAtTime(0.001, now + 0.15);
  tone.connect(volume).connect(context.destination);
  tone.start(now);
  tone.stop(now + 0.15);
}
