/**
 * How many passes each namespace has under way. While there are few, a namespace may have many. Once
 * there are many, only namespaces below their fair share get more, so that whoever fills the room
 * with passes that wait, from however many namespaces, keeps nobody else out.
 */

/** Passes under way of all clusters, from which on only fair shares are given. */
const MANY = 256;
/** Passes under way of one namespace, however many clusters it has. */
const MOST_OF_NAMESPACE = 64;

export class Shares {
  readonly #counts = new Map<string, number>();
  readonly #most: number;
  #total = 0;

  /** `workers`: how many passes can be worked on at a time. */
  constructor(workers: number) {
    this.#most = Math.max(MOST_OF_NAMESPACE, 2 * workers);
  }

  /** Whether a namespace has to wait until passes end. */
  isFull(namespace: string): boolean {
    const count = this.#counts.get(namespace) ?? 0;
    if (this.#total < MANY) return count >= this.#most;
    const namespaces = this.#counts.size + (count === 0 ? 1 : 0);
    return count >= Math.max(1, Math.floor(MANY / namespaces));
  }

  begun(namespace: string): void {
    this.#counts.set(namespace, (this.#counts.get(namespace) ?? 0) + 1);
    this.#total++;
  }

  ended(namespace: string): void {
    const left = (this.#counts.get(namespace) ?? 1) - 1;
    if (left === 0) this.#counts.delete(namespace);
    else this.#counts.set(namespace, left);
    this.#total--;
  }
}
