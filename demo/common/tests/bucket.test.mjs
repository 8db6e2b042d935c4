// The token bucket, with the test's clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenBucket } from "../bucket.mjs";

function bucketAt(options) {
  const clock = { now: 5000 };
  return { clock, bucket: new TokenBucket({ ...options, now: () => clock.now }) };
}

/** The number of tokens available at this time. */
function takeAll(bucket) {
  let count = 0;
  while (bucket.take()) ++count;
  return count;
}

test("a burst may be taken at once, then as many as the rate allows", () => {
  const { clock, bucket } = bucketAt({ rate: 20, burst: 60 });
  assert.equal(takeAll(bucket), 60);
  assert.equal(bucket.wait(), 50);
  clock.now += 49;
  assert.equal(bucket.take(), false);
  assert.equal(bucket.wait(), 1);
  clock.now += 1;
  assert.equal(bucket.wait(), 0);
  assert.equal(takeAll(bucket), 1);
  clock.now += 1000;
  assert.equal(takeAll(bucket), 20);
  clock.now += 2999;
  assert.equal(bucket.isFull(), false);
  clock.now += 1;
  assert.equal(bucket.isFull(), true);
});

test("unused tokens are kept up to the burst", () => {
  const { clock, bucket } = bucketAt({ rate: 20, burst: 60 });
  clock.now += 3_600_000;
  assert.equal(takeAll(bucket), 60);
});

test("after the wait that it returns there is a token, and no more than the rate over time", () => {
  const { clock, bucket } = bucketAt({ rate: 30, burst: 1 });
  const began = clock.now;
  for (let count = 0; count < 300; ++count) {
    clock.now += bucket.wait();
    assert.ok(bucket.take());
  }
  const seconds = (clock.now - began) / 1000;
  assert.ok(seconds >= 299 / 30, `${seconds} s`);
  assert.ok(seconds <= 299 / 30 + 0.3, `${seconds} s`);
});
