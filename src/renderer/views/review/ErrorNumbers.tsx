import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { type Agreement, agreementOf } from '../../../core/volume/agreement.ts';
import { sameGeometry } from '../../../core/volume/sameGeometry.ts';
import { allColumns, columnId } from '../../state/columns.ts';
import { useApp } from '../../state/store.ts';
import { useView } from '../../state/view.ts';
import { text } from '../../text.ts';
import { voxelsOf } from '../../viewer/voxelStore.ts';

/** Slices are measured between frames, so that the window stays alive. */
const WORK_MS = 30;

type Work = { readonly done: number; readonly total: number } | Agreement;

/** PSNR and SSIM of an image against the truth; measured when asked for, since it goes through all voxels. */
export function ErrorNumbers({
  first,
  truth,
}: {
  readonly first: string;
  readonly truth: string;
}): ReactNode {
  const [asked, setAsked] = useState(false);
  const [work, setWork] = useState<Work | undefined>(undefined);
  const volumes = useView((view) => view.volumes);
  const image = allColumns(useApp.getState()).find((column) => columnId(column) === first);
  const ready =
    image !== undefined && volumes[image.key]?.status === 'ready' && volumes[truth]?.status === 'ready';
  const imageKey = image?.key;

  // biome-ignore lint/correctness/useExhaustiveDependencies: other images ask for other numbers
  useEffect(() => {
    setAsked(false);
    setWork(undefined);
  }, [imageKey, truth]);

  useEffect(() => {
    const a = imageKey === undefined ? undefined : voxelsOf(imageKey);
    const t = voxelsOf(truth);
    if (!asked || !ready || a === undefined || t === undefined || !sameGeometry(a.grid, t.grid)) return;
    const steps = agreementOf(t, a);
    let timer = 0;
    const goOn = (): void => {
      const until = performance.now() + WORK_MS;
      let step = steps.next();
      while (step.done !== true && performance.now() < until) step = steps.next();
      setWork(step.value);
      if (step.done !== true) timer = window.setTimeout(goOn);
    };
    goOn();
    return () => clearTimeout(timer);
  }, [asked, ready, imageKey, truth]);

  const words = text.review.compare;
  if (work === undefined) {
    return (
      <Button variant="default" disabled={!ready} onClick={() => setAsked(true)}>
        {words.measure}
      </Button>
    );
  }
  if ('total' in work) return <p role="status">{words.measuring(work.done, work.total)}</p>;
  return (
    <>
      <table className="numbers small error-numbers" data-agreement="">
        <thead>
          <tr>
            <td />
            <th scope="col">{words.psnr}</th>
            <th scope="col">{words.ssim}</th>
          </tr>
        </thead>
        <tbody>
          {(['whole', 'inside'] as const).map((where) => (
            <tr key={where}>
              <th scope="row">{words[where]}</th>
              <td>{words.decibels(work[where].psnr)}</td>
              <td>{work[where].ssim.toFixed(4)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {work.leftOut > 0 && <p className="dim small">{words.leftOut(work.leftOut)}</p>}
    </>
  );
}
