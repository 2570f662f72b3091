import { NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { formatMoment } from '../../components/names.ts';
import { isBusy } from '../../state/jobs.ts';
import { chooseResult } from '../../state/openResult.ts';
import { clearJob } from '../../state/session.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

/** Which of the pair's enhanced series is shown as the enhanced one, and exported. Nothing where there is no choice. */
export function ResultChoice(): ReactNode {
  const results = useApp((state) => state.results);
  const shown = useApp((state) => state.enhanced?.result.id ?? '');
  const busy = useApp((state) => isBusy(state.jobs.open) || isBusy(state.jobs.export));
  const error = useApp((state) => state.jobs.open?.error);
  const isKnown = results.some(({ id }) => id === shown);
  if (results.length === 0 || (results.length === 1 && isKnown)) return null;
  return (
    <>
      <NativeSelect
        label={text.enhance.results(results.length)}
        value={isKnown ? shown : ''}
        disabled={busy}
        data={[
          ...(isKnown ? [] : [{ value: '', label: text.enhance.chooseResult }]),
          ...results.map(({ id, scale, model, modelState, madeAtMs }) => ({
            value: id,
            label: `${text.enhance.result(scale, model, modelState)} · ${formatMoment(madeAtMs)}`,
          })),
        ]}
        onChange={(event) => {
          if (event.currentTarget.value !== '') void chooseResult(event.currentTarget.value);
        }}
      />
      {error !== undefined && <ErrorNotice error={error} onDismiss={() => clearJob('open')} />}
    </>
  );
}
