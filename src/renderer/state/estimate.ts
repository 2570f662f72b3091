import { create } from 'zustand';
import type { Result } from '../../core/contract/operations.ts';
import { isBusy } from './jobs.ts';
import { abandonJob, runJob, workstation } from './session.ts';
import { useApp } from './store.ts';

export type Estimate = Result<'estimateEnhancing'>;

/** What was measured beforehand, by target, model and device. */
export const useEstimate = create<{ readonly known: Readonly<Record<string, Estimate>> }>()(() => ({
  known: {},
}));

/** The choice that an estimate is for; undefined where there is nothing to estimate. */
export function estimateKey({
  targetUid,
  modelId,
  device,
}: Pick<ReturnType<typeof useApp.getState>, 'targetUid' | 'modelId' | 'device'>): string | undefined {
  return targetUid === null || modelId === null ? undefined : `${targetUid} ${modelId} ${device}`;
}

/** Measures what the chosen enhancement would take, unless that is known or something runs. */
export async function estimate(): Promise<void> {
  const { targetUid, modelId, device, paths, jobs } = useApp.getState();
  const key = estimateKey({ targetUid, modelId, device });
  if (targetUid === null || modelId === null || key === undefined || isBusy(jobs.enhance)) return;
  if (useEstimate.getState().known[key] !== undefined) return;
  abandonJob('estimate');
  const request = { target: { paths: [...paths], series: targetUid }, model: modelId, device };
  const found = await runJob('estimate', (options) =>
    workstation().call('estimateEnhancing', request, options),
  );
  if (found !== undefined) useEstimate.setState({ known: { ...useEstimate.getState().known, [key]: found } });
}
