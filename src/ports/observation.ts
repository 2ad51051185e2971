/**
 * What is known about something outside this process: a value, or the reason why it is unknown.
 *
 * "Could not be read" is never "is not there": a planner that meets an unknown holds its subject
 * back, it does not act as if the thing were empty.
 */

export type Observation<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly reason: string };

/** Wraps a value that was read. */
export function known<T>(value: T): Observation<T> {
  return { known: true, value };
}

/** Says that something could not be read, and why (no secret in the reason). */
export function unknown<T = never>(reason: string): Observation<T> {
  return { known: false, reason };
}

/** Applies `change` to a known value; an unknown stays as it is. */
export function mapObservation<T, U>(
  observation: Observation<T>,
  change: (value: T) => U,
): Observation<U> {
  return observation.known ? known(change(observation.value)) : observation;
}
