/** The cloud's volumes behind the claims of a cluster: those of AWS EBS. */

/** A volume as the cloud describes it. */
export interface CloudVolume {
  /** `vol-0123456789abcdef0`. */
  readonly id: string;
  readonly sizeGib: number;
  /** `gp3`. */
  readonly type: string;
  /** Operations a second; absent for types that have none. */
  readonly iops?: number;
  /** MiB a second; absent for types that have none. */
  readonly throughput?: number;
}

/** The last change of a volume. */
export interface VolumeChange {
  readonly id: string;
  /** `modifying`, `optimizing`, `completed` or `failed`. */
  readonly state: string;
  /** Why it failed; empty where nobody says. */
  readonly message: string;
}

/** A change of one volume; what is absent stays as it is. */
export interface ModifyVolumeRequest {
  readonly id: string;
  readonly type?: string;
  readonly sizeGib?: number;
  readonly iops?: number;
  readonly throughput?: number;
}

/** The API of the cloud. Every call throws a `PortError`. */
export interface CloudVolumes {
  /** The volumes of these ids; an error where one is not there. */
  describe(ids: readonly string[], signal: AbortSignal): Promise<readonly CloudVolume[]>;
  /** The last change of each; none for a volume that was never changed. */
  changes(ids: readonly string[], signal: AbortSignal): Promise<readonly VolumeChange[]>;
  /** Begins a change, which goes on in the cloud. */
  modify(request: ModifyVolumeRequest, signal: AbortSignal): Promise<void>;
}
