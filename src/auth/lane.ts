/**
 * A lane of the queue: jobs that wait by turns over the networks that they come
 * from, and in order within a network.
 * Refused: whoever comes into a full lane; or, where another network has more
 * waiting, the last of those.
 */

/** Tells a job that its turn has come, or with false that it has none. */
type Answer = (hasTurn: boolean) => void;

/** Those who wait. */
export class Lane {
  readonly #maxWaiting: number;
  readonly #running: ReadonlyMap<string, number>;
  /**
   * Who waits, by network, in the order of their turns; no network is here
   * without somebody. At the end of a job its network goes behind the others:
   * so one that comes waits for one job of each that is there, and not for a
   * second one of that which had the last turn.
   */
  readonly #turns = new Map<string, Answer[]>();
  #waiting = 0;

  /**
   * Makes an empty lane, in which so many may wait.
   *
   * @param running how many jobs of each network run, in whatever lane
   */
  constructor(maxWaiting: number, running: ReadonlyMap<string, number>) {
    this.#maxWaiting = maxWaiting;
    this.#running = running;
  }

  /** The number of jobs that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Says whether a job of that network may wait. */
  hasRoomFor(network: string): boolean {
    if (this.#waiting < this.#maxWaiting) return true;
    return this.#findGreedier(network) !== null;
  }

  /** Waits for a turn; false where another has taken the place. */
  waitForTurn(network: string): Promise<boolean> {
    if (this.#waiting >= this.#maxWaiting) this.#makeRoomFor(network);
    return new Promise((answer) => {
      this.#turns.getOrInsertComputed(network, () => []).push(answer);
      this.#waiting++;
    });
  }

  /**
   * The network whose turn it is: the first of those of which the fewest jobs
   * run; null where nobody waits.
   */
  nextNetwork(): string | null {
    let next: string | null = null;
    let fewest = Infinity;
    for (const network of this.#turns.keys()) {
      const running = this.#running.get(network) ?? 0;
      if (running < fewest) {
        next = network;
        fewest = running;
      }
    }
    return next;
  }

  /** Gives a network its turn: the first of its jobs begins. */
  giveTurn(network: string): void {
    const answer = this.#turns.get(network)?.shift();
    this.#leave(network);
    answer?.(true);
  }

  /** Puts a network behind the others, as it has had its turn. */
  passOver(network: string): void {
    const waiting = this.#turns.get(network);
    if (waiting === undefined) return;
    this.#turns.delete(network);
    this.#turns.set(network, waiting);
  }

  #makeRoomFor(network: string): void {
    const greedier = this.#findGreedier(network);
    if (greedier === null) return;
    const answer = this.#turns.get(greedier)?.pop();
    this.#leave(greedier);
    answer?.(false);
  }

  /** Somebody of that network no longer waits. */
  #leave(network: string): void {
    this.#waiting--;
    if (this.#turns.get(network)?.length === 0) this.#turns.delete(network);
  }

  /**
   * The network that has most of those who wait; null where it would have no
   * more than the other one, if it gave a place to that: or two would take the
   * same place from each other again and again.
   */
  #findGreedier(network: string): string | null {
    let greediest: string | null = null;
    let most = (this.#turns.get(network)?.length ?? 0) + 1;
    for (const [name, { length }] of this.#turns) {
      if (length > most) {
        greediest = name;
        most = length;
      }
    }
    return greediest;
  }
}
