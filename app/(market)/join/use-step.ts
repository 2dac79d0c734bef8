/** A step of joining that is sent by one press: it sleeps meanwhile, its answer is who one is now, a refusal loses no input. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { readRefusal } from '#app/_client/api.ts';
import type { Me, Refusal } from '#server/trpc/views.ts';

export function useStep(
  act: () => Promise<Me>,
  onDone: () => void,
): { readonly isBusy: boolean; readonly refusal: Refusal | null; readonly submit: (event: FormEvent) => void } {
  const queryClient = useQueryClient();
  const step = useMutation({
    mutationFn: act,
    onSuccess: (now) => {
      queryClient.setQueryData(['me'], now);
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    step.mutate();
  };
  return { isBusy: step.isPending, refusal: step.isError ? readRefusal(step.error) : null, submit };
}
