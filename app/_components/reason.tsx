'use client';
/** A text of several lines that an act gives as its reason. */
import { useId } from 'react';

/** A reason is a sentence. */
export const SHORTEST = 10;

export function Reason(props: {
  readonly label: string;
  readonly value: string;
  readonly rows?: number;
  /** Characters that the server takes. */
  readonly most?: number;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-[13px] font-medium text-ink-2">
        {props.label}
      </label>
      <textarea
        id={id}
        rows={props.rows ?? 5}
        maxLength={props.most ?? 2_000}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
        className="w-full rounded-md border border-line-strong/70 bg-card p-2 text-sm"
      />
    </div>
  );
}
