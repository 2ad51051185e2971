/** What a cluster costs a month, by prices of the settings. Pure. */

/** A cluster as `/postgresqls` lists it, as far as it costs. */
export interface Listed {
  readonly namespace: string;
  readonly name: string;
  readonly nodes: number | "";
  readonly cpu: string;
  readonly cpu_limit: string;
  readonly memory: string;
  readonly memory_limit: string;
  readonly volume_size: string | 0;
  readonly iops: number;
  readonly throughput: number;
  readonly num_elb: number;
}

/** Prices and what is free of charge, under the names of `/config`. */
export interface Prices {
  readonly min_pods: number;
  /** For a core and an hour. */
  readonly cost_core: number;
  /** For a gigabyte and an hour. */
  readonly cost_memory: number;
  /** For a gigabyte and a month. */
  readonly cost_ebs: number;
  readonly cost_iops: number;
  readonly cost_throughput: number;
  /** For a load balancer and an hour. */
  readonly cost_elb: number;
  readonly free_iops: number;
  readonly limit_iops: number;
  readonly free_throughput: number;
  readonly limit_throughput: number;
}

const HOURS = 732;

/**
 * Zalando: ui/app/src/postgresqls.tag.pug, calcCosts; a Ti is 1024 Gi here, and a Mi the 1024th of one.
 * Undefined where a quantity is not understood.
 */
export function monthlyCost(listed: Listed, prices: Prices): number | undefined {
  const cores = coresOf(listed.cpu);
  const memory = gigabytesOf(listed.memory);
  const disk = gigabytesOf(String(listed.volume_size));
  if (cores === undefined || memory === undefined || disk === undefined) return undefined;
  const pods = Math.max(Number(listed.nodes), prices.min_pods);
  const machine = Math.max(cores * prices.cost_core, memory * prices.cost_memory) * HOURS;
  const beyond = (value: number, free: number, limit: number) =>
    Math.max(0, Math.min(value, limit) - free);
  const iops = beyond(listed.iops, prices.free_iops, prices.limit_iops) * prices.cost_iops;
  const throughput = beyond(listed.throughput, prices.free_throughput, prices.limit_throughput) *
    prices.cost_throughput;
  const balancers = listed.num_elb * prices.cost_elb * HOURS;
  return pods * (machine + disk * prices.cost_ebs + iops + throughput) + balancers;
}

function coresOf(text: string): number | undefined {
  const [, number, milli] = /^(\d+(?:\.\d+)?)(m?)$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) / (milli === "m" ? 1000 : 1);
}

const FACTORS: Readonly<Record<string, number>> = {
  "": 1 / 1024 ** 3,
  Ki: 1 / 1024 ** 2,
  Mi: 1 / 1024,
  Gi: 1,
  Ti: 1024,
  Pi: 1024 ** 2,
  k: 1e3 / 1024 ** 3,
  M: 1e6 / 1024 ** 3,
  G: 1e9 / 1024 ** 3,
  T: 1e12 / 1024 ** 3,
};

function gigabytesOf(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = Object.hasOwn(FACTORS, unit) ? FACTORS[unit] : undefined;
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}
