/** Sets of keys by name. Names come and go for as long as the operator runs: an empty set goes too. */
export class KeySets extends Map<string, Set<string>> {
  put(name: string, key: string): void {
    this.set(name, (this.get(name) ?? new Set()).add(key));
  }

  remove(name: string, key: string): void {
    const keys = this.get(name);
    keys?.delete(key);
    if (keys?.size === 0) this.delete(name);
  }

  /** The keys of a name, in the order in which they came. */
  of(name: string): readonly string[] {
    return [...this.get(name) ?? []];
  }
}
