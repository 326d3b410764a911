/**
 * The queue: so many at once, so many waiting, in order, and no place is ever
 * lost.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue, type QueuePlace } from "../../../src/auth/queue.ts";
import { HttpError } from "../../../src/http/http.ts";

const place: QueuePlace = { network: "192.0.2.0/24", isAddressUsed: true };

test("no more jobs run at once than the queue allows, and they run in the order they came", async () => {
  const queue = new Queue({ maxActive: 2, maxWaiting: 10 });
  let active = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(
    [0, 1, 2, 3, 4, 5, 6].map((number) =>
      queue.run(place, async () => {
        order.push(number);
        most = Math.max(most, ++active);
        await new Promise((resolve) => setTimeout(resolve, 5));
        active--;
      })
    ),
  );
  assert.equal(most, 2);
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6]);
});

test("beyond the waiting ones a job is refused at once with 503 and Retry-After", async () => {
  const queue = new Queue({ maxActive: 1, maxWaiting: 1 });
  let finish = () => {};
  const first = queue.run(
    place,
    () => new Promise<void>((resolve) => finish = resolve),
  );
  const second = queue.run(place, () => Promise.resolve("second"));
  await assert.rejects(
    queue.run(place, () => Promise.resolve("third")),
    (error) => {
      assert.ok(error instanceof HttpError);
      assert.equal(error.status, 503);
      assert.match(error.headers["retry-after"] ?? "", /^\d+$/);
      return true;
    },
  );
  finish();
  await first;
  assert.equal(await second, "second");
});

test("a job that fails hands its place on, and its error to its caller", async () => {
  const queue = new Queue({ maxActive: 1, maxWaiting: 5 });
  const failing = queue.run(
    place,
    () => Promise.reject(new Error("on purpose")),
  );
  const throwing = queue.run(place, () => {
    throw new Error("on purpose as well");
  });
  const next = queue.run(place, () => Promise.resolve("next"));
  await assert.rejects(failing, /^Error: on purpose$/);
  await assert.rejects(throwing, /^Error: on purpose as well$/);
  assert.equal(await next, "next");
});

test("whoever asks for room in a full queue is refused a second later, and at once when there is some", async () => {
  const queue = new Queue({ maxActive: 1, maxWaiting: 0 });
  await queue.requireRoom(place);
  const { promise, resolve } = Promise.withResolvers<void>();
  const running = queue.run(place, () => promise);
  const start = performance.now();
  await assert.rejects(queue.requireRoom(place), {
    name: "HttpError",
    status: 503,
  });
  // It is the delay that slows a flood down.
  assert.ok(performance.now() - start > 990);
  await assert.rejects(queue.run(place, () => Promise.resolve()), {
    name: "HttpError",
    status: 503,
  });
  resolve();
  await running;
  await queue.requireRoom(place);
});
