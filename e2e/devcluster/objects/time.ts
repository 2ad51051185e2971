/** A time as Kubernetes writes it: RFC 3339 in UTC with whole seconds. */
export function kubeTime(time: Date | number = Date.now()): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
