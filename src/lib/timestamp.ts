/** Times as Kubernetes writes them: RFC 3339 in UTC with whole seconds, `2026-01-05T12:00:00Z`. */
export function timestamp(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
