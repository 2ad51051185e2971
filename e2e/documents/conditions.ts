/** Conditions of a cluster's status for the reference: by type, reason → status and meaning. */
export const CONDITIONS: Readonly<
  Record<string, Readonly<Record<string, readonly [status: string, meaning: string]>>>
> = {
  Ready: {
    PrimaryUp: ["True", "a pod is up in the primary's role; the message names it"],
    NoPrimary: ["False", "no pod is up in the primary's role"],
    TwoPrimaries: ["False", "more than one pod is; meanwhile nothing disturbs any pod"],
    PodsUnreadable: ["Unknown", "the pods could not be read"],
  },
  Synced: {
    AsSpecified: ["True", "everything is as the manifest asks"],
    Progressing: ["False", "changes are being made; the message says what is waited for"],
    Failed: ["False", "something failed, or was waited for too long; the message has all of it"],
    Refused: ["False", "this operator may not take the cluster on"],
    Postponed: ["False", "all is done but what waits for its time, such as an upgrade"],
    LeftAsItIs: ["False", "the cluster runs without something that cannot be made"],
    Paused: ["False", "somebody asked for a pause, or paused Patroni; the message says what waits"],
    Overridden: ["False", "others set what the manifest asks otherwise"],
  },
  Paused: { AskedFor: ["True", "a request to pause holds; the condition is absent otherwise"] },
  Hibernated: {
    AskedFor: ["True", "a request to hibernate holds; the condition is absent otherwise"],
  },
  RestartLoopPrevented: {
    Repeated: ["True", "restarts without effect were stopped; the condition is absent otherwise"],
  },
};
