/** Looks up a name in an object that is used as a map. */

/**
 * The value that stands in the map itself: a name such as `constructor` finds nothing that every
 * object has anyway.
 */
export function ownValue<T>(
  map: Readonly<Record<string, T>> | null | undefined,
  name: string,
): T | undefined {
  return map !== null && map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
}
