/**
 * The queue: so many at once, so many waiting, by turns over networks and over
 * the two lanes, who gives up a place to whom, and no place is ever lost.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue, type QueuePlace } from "../../../src/auth/queue.ts";
import { HttpError } from "../../../src/http/http.ts";
import { pause } from "../../support/wait.ts";

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

/**
 * Jobs in the order in which they ran, in a queue that runs one at a time. They
 * are named by their network, such as "a", in capitals where some account has
 * used the address; they come in that order while the first of them runs.
 */
async function orderOf(arrivals: string, maxWaiting = 99): Promise<string> {
  const queue = new Queue({ maxActive: 1, maxWaiting });
  const { promise: allAreThere, resolve } = Promise.withResolvers<void>();
  let order = "";
  const jobs = [...arrivals].map(async (name) => {
    try {
      await queue.run(placeOf(name), async () => {
        order += name;
        await allAreThere;
      });
    } catch (error) {
      assert.ok(error instanceof HttpError);
      assert.equal(error.status, 503);
    }
  });
  resolve();
  await Promise.all(jobs);
  assert.equal(queue.waiting, 0);
  return order;
}

function placeOf(name: string): QueuePlace {
  const network = name.toLowerCase();
  return { network, isAddressUsed: name !== network };
}

test("networks take turns, and within a network the first is first", async () => {
  // deno-fmt-ignore
  const rows = [
    // Alone, each is served as it comes.
    ["aaaa", "aaaa"],
    ["abcd", "abcd"],
    // Who comes behind many of one network waits for the one that runs.
    ["aaaaab", "abaaaa"],
    ["aaaaabc", "abcaaaa"],
    ["aaaaabbc", "abcabaaa"],
    ["aaabbbccc", "abcabcabc"],
    ["abbbaaa", "abababa"],
    // The lanes take turns, too, and their networks are not each other's.
    ["aaaaaB", "aBaaaa"],
    ["aaaaaA", "aAaaaa"],
    ["aaaaaBBB", "aBaBaBaa"],
    ["AAAAAb", "AbAAAA"],
    ["abcdeXXX", "aXbXcXde"],
    ["aaaabXXXY", "aXbYaXaXa"],
    // Who is in both lanes comes twice in none.
    ["aaaAAAB", "aBaAaAA"],
    ["aaaAAAb", "abAaAaA"],
  ];
  for (const [arrivals = "", expected] of rows) {
    assert.equal(await orderOf(arrivals), expected, arrivals);
  }
});

test("in a full lane the network that has most gives its last place to one that has fewer", async () => {
  // deno-fmt-ignore
  const rows = [
    // The first runs; three may wait in a lane.
    ["aaaaa", "aaaa"],
    ["aaaab", "abaa"],
    ["aaaabb", "abaa"],
    ["aaaabcd", "abca"],
    ["aaaabcc", "abca"],
    ["aaabbb", "abaa"],
    ["abcdeee", "abcd"],
    // The other lane has room of its own.
    ["aaaaaaBCDE", "aBaCaDa"],
    ["aaaaaaBBBBC", "aBaCaBa"],
    ["AAAAAAAb", "AbAAA"],
  ];
  for (const [arrivals = "", expected] of rows) {
    assert.equal(await orderOf(arrivals, 3), expected, arrivals);
  }
});

test("whoever would take a place from a network that has most is not refused for lack of room", async () => {
  const queue = new Queue({ maxActive: 1, maxWaiting: 2 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const jobs = [1, 2, 3].map(() => queue.run(placeOf("a"), () => promise));
  await queue.requireRoom(placeOf("b"));
  await queue.requireRoom(placeOf("A"));
  await assert.rejects(queue.requireRoom(placeOf("a")), { status: 503 });
  // Asking takes nobody's place.
  assert.equal(queue.waiting, 2);
  resolve();
  await Promise.all(jobs);
});

test("where several run at once, a network that has none comes first", async () => {
  const queue = new Queue({ maxActive: 2, maxWaiting: 99 });
  const ends = new Map<string, () => void>();
  let order = "";
  const jobs = ["a1", "a2", "a3", "a4", "b1", "c1", "b2"].map((name) => {
    return queue.run(placeOf(name.slice(0, 1)), async () => {
      order += `${name} `;
      await new Promise<void>((resolve) => ends.set(name, resolve));
    });
  });
  for (const name of ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]) {
    while (!ends.has(name)) await pause(1);
    ends.get(name)?.();
  }
  await Promise.all(jobs);
  assert.equal(order, "a1 a2 b1 c1 b2 a3 a4 ");
});

test("where several run at once, the jobs of a network count in both lanes", async () => {
  const queue = new Queue({ maxActive: 2, maxWaiting: 99 });
  const { promise, resolve } = Promise.withResolvers<void>();
  let order = "";
  const jobs = ["a", "a", "A", "a", "B", "b"].map((name) => {
    return queue.run(placeOf(name), async () => {
      order += name;
      if (order.length > 1) await promise;
    });
  });
  while (order.length < 3) await pause(1);
  assert.equal(order, "aaB");
  resolve();
  await Promise.all(jobs);
});

test("a flood of ever new networks keeps no other waiting for more than its turn", async () => {
  // Each job that ends brings two of new networks.
  const queue = new Queue({ maxActive: 1, maxWaiting: 64 });
  let served = 0;
  let networks = 0;
  const flood = async (): Promise<void> => {
    try {
      await queue.run(placeOf(`flood${networks++}`), () => Promise.resolve());
    } catch {
      return;
    }
    served++;
    if (served > 500) return;
    await Promise.all([flood(), flood()]);
  };
  const flooding = Array.from({ length: 60 }, flood);
  const waits: number[] = [];
  for (let count = 0; count < 5; count++) {
    const before = served;
    await queue.run(placeOf("Honest"), () => Promise.resolve());
    waits.push(served - before);
  }
  await Promise.all(flooding);
  assert.ok(waits.every((wait) => wait <= 2), waits.join());
});
