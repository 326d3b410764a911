/**
 * A queue for jobs that fill a processor core: a few run at once, and the
 * others wait for their turn, by turns over the networks that they come from.
 * So nobody waits long because of one who sends many.
 * Refused: whatever comes when too many are waiting (503). Most of it are
 * logins, so that the refusal also says how a login ended: busy.
 */

import { pauseOfFlood } from "./crowd.ts";
import { Lane } from "./lane.ts";
import { LoginRefusal } from "./refusal.ts";

/** How many jobs a queue runs at once, and how many it lets wait. */
export interface QueueLimits {
  /** As many run at once; 1 or more. */
  readonly maxActive: number;
  /** As many wait for their turn in each of the two lanes; 0 or more. */
  readonly maxWaiting: number;
}

/**
 * Where a job comes from. It depends on the client's address alone: were it to
 * depend on the account, the order of answers would tell of accounts.
 */
export interface QueuePlace {
  /** The network that takes turns with others. */
  readonly network: string;
  /** Whether some account has logged in from the address before. */
  readonly isAddressUsed: boolean;
}

/** The place of jobs that are no logins: of who is logged in already. */
export const loggedInPlace: QueuePlace = {
  network: "logged in",
  isAddressUsed: true,
};

/**
 * Runs jobs, a few at once. There are two lanes with room of their own: for
 * addresses from which some account has logged in before, and for all others.
 * They take turns where both have somebody, so that no flood of strangers
 * takes more than half.
 */
export class Queue {
  readonly #maxActive: number;
  readonly #used: Lane;
  readonly #others: Lane;
  /** How many jobs of each network run; none that has none is here. */
  readonly #running = new Map<string, number>();
  /** The lane of the job that began last. */
  #last: Lane;
  #active = 0;

  /** Makes an empty queue. */
  constructor({ maxActive, maxWaiting }: QueueLimits) {
    this.#maxActive = maxActive;
    this.#used = new Lane(maxWaiting, this.#running);
    this.#others = new Lane(maxWaiting, this.#running);
    this.#last = this.#others;
  }

  /** The number of jobs that wait. */
  get waiting(): number {
    return this.#used.waiting + this.#others.waiting;
  }

  /**
   * Makes sure that a job of that place would not be refused now.
   *
   * @throws {HttpError} 503 where too many are waiting: a second or two later,
   * so that a flood comes slowly
   */
  async requireRoom(place: QueuePlace): Promise<void> {
    if (this.#hasRoom(place)) return;
    const refusal = busy();
    await pauseOfFlood();
    throw refusal;
  }

  /**
   * Runs a job when its turn comes, and settles as the job does.
   *
   * @throws {HttpError} 503, where too many are waiting: at once, or later when
   * a network that has fewer waiting takes its place
   */
  async run<T>(place: QueuePlace, job: () => Promise<T>): Promise<T> {
    if (!this.#hasRoom(place)) throw busy();
    const lane = this.#laneOf(place);
    const { network } = place;
    if (this.#active < this.#maxActive) {
      this.#active++;
      this.#begin(lane, network);
    } else if (!await lane.waitForTurn(network)) {
      throw busy();
    }
    try {
      return await job();
    } finally {
      this.#end(network);
      this.#handOn(network);
    }
  }

  #begin(lane: Lane, network: string): void {
    this.#last = lane;
    this.#running.set(network, (this.#running.get(network) ?? 0) + 1);
  }

  #end(network: string): void {
    const running = (this.#running.get(network) ?? 0) - 1;
    if (running > 0) this.#running.set(network, running);
    else this.#running.delete(network);
    this.#used.passOver(network);
    this.#others.passOver(network);
  }

  /**
   * Whoever ends hands its place on: so `#active` stays what it is. The lanes
   * take turns; but not for another job of the network that had this place,
   * where the same lane has another.
   */
  #handOn(network: string): void {
    const other = this.#last === this.#used ? this.#others : this.#used;
    const nextOfLast = this.#last.nextNetwork();
    const nextOfOther = other.nextNetwork();
    const hasAnother = nextOfLast !== null && nextOfLast !== network;
    const staysInLane = nextOfOther === null ||
      nextOfOther === network && hasAnother;
    const lane = staysInLane ? this.#last : other;
    const next = staysInLane ? nextOfLast : nextOfOther;
    if (next === null) {
      this.#active--;
      return;
    }
    lane.giveTurn(next);
    this.#begin(lane, next);
  }

  #laneOf({ isAddressUsed }: QueuePlace): Lane {
    return isAddressUsed ? this.#used : this.#others;
  }

  #hasRoom(place: QueuePlace): boolean {
    if (this.#active < this.#maxActive) return true;
    return this.#laneOf(place).hasRoomFor(place.network);
  }
}

function busy(): LoginRefusal {
  return new LoginRefusal("busy", 503, { headers: { "retry-after": "5" } });
}
