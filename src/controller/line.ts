/**
 * Keys that wait, by namespace. Namespaces take turns: one with thousands of clusters holds up no
 * other. Within a namespace it is first come, first served.
 */

import { namespaceOf, type QueueItem } from "./queue_item.ts";

export class Line {
  /** The namespace whose turn was longest ago comes first. */
  readonly #namespaces = new Map<string, Map<string, QueueItem>>();

  get(key: string): QueueItem | undefined {
    return this.#namespaces.get(namespaceOf(key))?.get(key);
  }

  /** Puts an item at the end of its namespace's line. */
  push(item: QueueItem): void {
    const namespace = namespaceOf(item.key);
    const items = this.#namespaces.get(namespace) ?? new Map<string, QueueItem>();
    items.set(item.key, item);
    this.#namespaces.set(namespace, items);
  }

  delete(key: string): void {
    const namespace = namespaceOf(key);
    const items = this.#namespaces.get(namespace);
    items?.delete(key);
    if (items?.size === 0) this.#namespaces.delete(namespace);
  }

  /** Takes the next item out, of a namespace that has room. */
  shift(isFull: (namespace: string) => boolean): QueueItem | undefined {
    for (const [namespace, items] of this.#namespaces) {
      if (isFull(namespace)) continue;
      const [item] = items.values();
      if (item === undefined) continue;
      items.delete(item.key);
      this.#namespaces.delete(namespace);
      if (items.size > 0) this.#namespaces.set(namespace, items);
      return item;
    }
    return undefined;
  }

  /** All items; those of one namespace in their order. */
  items(): QueueItem[] {
    return [...this.#namespaces.values()].flatMap((items) => [...items.values()]);
  }
}
