/** A map of so many entries at most: the one that was set longest ago makes room. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #most: number;

  /** `most`: entries that are kept. */
  constructor(most: number) {
    super();
    this.#most = most;
  }

  /** Sets a value; its entry is the newest then, also where there was one before. */
  override set(key: Key, value: Value): this {
    this.delete(key);
    super.set(key, value);
    const [oldest] = this.keys();
    if (this.size > this.#most && oldest !== undefined) this.delete(oldest);
    return this;
  }
}
