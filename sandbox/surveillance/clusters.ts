/** Who acts as one person (rulebook 9.1): union-find over recorded links, which keeps the reasons. */

export type Clusters = {
  /** The name of the cluster: its smallest reference, so that it does not depend on the order of the links. */
  readonly of: (ref: string) => string;
  readonly link: (a: string, b: string, reason: string) => void;
  readonly reasonsFor: (ref: string) => readonly string[];
};

export function createClusters(): Clusters {
  const parents = new Map<string, string>();
  const reasons = new Map<string, Set<string>>();
  const of = (ref: string): string => {
    let root = ref;
    for (let next = parents.get(root); next !== undefined; next = parents.get(root)) root = next;
    // Path compression: later look-ups take one step.
    for (let at = ref; at !== root; ) {
      const next = parents.get(at) ?? root;
      parents.set(at, root);
      at = next;
    }
    return root;
  };
  return {
    of,
    link: (a, b, reason) => {
      const [one, two] = [of(a), of(b)];
      const [root, child] = one < two ? [one, two] : [two, one];
      if (root !== child) parents.set(child, root);
      const all = new Set([...(reasons.get(root) ?? []), ...(reasons.get(child) ?? []), reason]);
      reasons.set(root, all);
    },
    reasonsFor: (ref) => [...(reasons.get(of(ref)) ?? [])].toSorted(),
  };
}
