/** What a drill is: it destroys something real, says what it expects, and ends with a verdict. */
import type { DrillSite } from './site.ts';

export interface DrillGround {
  readonly site: DrillSite;
  /** A line for people, on stderr. */
  readonly say: (line: string) => void;
  /** The drill has failed when a fact does not hold. */
  readonly expect: (holds: boolean, fact: string) => void;
}

export interface DrillOutcome {
  /** Certified facts that are gone: must be 0. */
  readonly lost: number;
  /** Measured on the way, in seconds and counts. */
  readonly facts: Readonly<Record<string, number | string>>;
}

export interface Drill {
  readonly name: string;
  readonly about: string;
  /** Ordering through etcd instead of the site's own PostgreSQL. */
  readonly ordering?: 'etcd';
  /** The payment institution outlives the operator. */
  readonly isInstitutionApart?: boolean;
  run(ground: DrillGround): Promise<DrillOutcome>;
}

export class DrillFailure extends Error {}

export const secondsSince = (begun: number): number => Math.round((performance.now() - begun) / 100) / 10;
