import { type ErrorData, TandemError, toErrorData } from '../../core/errors.ts';
import { text } from '../text.ts';
import { holdVolume, volumeArrived } from '../viewer/volumeCache.ts';
import { storeVoxels } from '../viewer/voxelStore.ts';
import { rangeOf, typedVoxels } from '../viewer/voxels.ts';
import { workstation } from './session.ts';
import { type Labelmap, setView, useView } from './view.ts';
import { forgetVolumesWhere } from './viewActions.ts';

const PREFIX = 'labelmap-';
const HALF = 0.5;

/** Reads a file of labels and lays it over the images. Returns what went wrong, if anything did. */
export async function openLabelmap(typed: string): Promise<ErrorData | undefined> {
  const path = typed.trim();
  removeLabelmap();
  const key = `${PREFIX}${path.replaceAll(':', '_')}`;
  const abort = holdVolume(key);
  if (abort === undefined) return undefined;
  try {
    const result = await workstation().call(
      'volume',
      { kind: 'series', series: { paths: [], series: path } },
      { signal: abort.signal },
    );
    if (abort.signal.aborted) return undefined;
    if (result.dataType !== 'int16') {
      throw new TandemError('usage', text.review.labelmap.notWhole, {
        path,
        hint: text.review.labelmap.notWholeHint,
      });
    }
    const voxels = typedVoxels(result);
    const { size, spacingMm, originLps, axesLps, inventedSlices, label, window } = result;
    const grid = { size, spacingMm, originLps, axesLps };
    const free = storeVoxels(key, { grid, voxels, inventedSlices: new Set(inventedSlices) });
    if (!volumeArrived(key, abort, free)) {
      free();
      return undefined;
    }
    const volume = { grid, label, window, range: rangeOf(voxels), inventedSlices };
    setView({
      volumes: { ...useView.getState().volumes, [key]: { status: 'ready', volume } },
      labelmap: {
        key,
        path,
        name: path.split(/[\\/]/).at(-1) ?? path,
        labels: [...new Set(voxels)].filter((label) => label !== 0).sort((a, b) => a - b),
        opacity: HALF,
        outline: false,
      },
    });
    return undefined;
  } catch (error) {
    forgetVolumesWhere((other) => other === key);
    return toErrorData(error);
  }
}

export function setLabelmap(change: Partial<Pick<Labelmap, 'opacity' | 'outline'>>): void {
  const { labelmap } = useView.getState();
  if (labelmap !== null) setView({ labelmap: { ...labelmap, ...change } });
}

export function removeLabelmap(): void {
  setView({ labelmap: null });
  forgetVolumesWhere((key) => key.startsWith(PREFIX));
}
