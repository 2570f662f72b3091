import { type ErrorData, toErrorData } from '../../core/errors.ts';
import { labelColour } from '../viewer/labelColours.ts';
import { holdVolume, volumeArrived } from '../viewer/volumeCache.ts';
import { storeVoxels } from '../viewer/voxelStore.ts';
import { rangeOf, typedVoxels } from '../viewer/voxels.ts';
import { workstation } from './session.ts';
import { seriesByUid, useApp } from './store.ts';
import { type Labelmap, setView, useView } from './view.ts';
import { forgetVolumesWhere } from './viewActions.ts';

const PREFIX = 'labelmap-';
const HALF = 0.5;

/**
 * Reads a file of labels and lays it over the images. Returns what went wrong, if anything did.
 * @param within what the study was found under, where the file was listed with it
 */
export async function openLabelmap(
  typed: string,
  within: readonly string[] = [],
): Promise<ErrorData | undefined> {
  const path = typed.trim();
  removeLabelmap();
  const key = `${PREFIX}${path.replaceAll(':', '_')}`;
  const abort = holdVolume(key);
  if (abort === undefined) return undefined;
  const state = useApp.getState();
  const frameOfReferenceUid = seriesByUid(state, state.targetUid)?.frameOfReferenceUid;
  try {
    const result = await workstation().call(
      'labelmap',
      {
        path,
        within: [...within],
        ...(frameOfReferenceUid === undefined ? {} : { frameOfReferenceUid }),
      },
      { signal: abort.signal },
    );
    if (abort.signal.aborted) return undefined;
    const voxels = typedVoxels(result);
    const { size, spacingMm, originLps, axesLps, inventedSlices, label, labels, warnings } = result;
    const grid = { size, spacingMm, originLps, axesLps };
    const free = storeVoxels(key, { grid, voxels, inventedSlices: new Set(inventedSlices) });
    if (!volumeArrived(key, abort, free)) {
      free();
      return undefined;
    }
    const range = rangeOf(voxels);
    const window = { center: (range[0] + range[1]) / 2, width: Math.max(1, range[1] - range[0]) };
    const volume = { grid, label, window, range, inventedSlices };
    setView({
      volumes: { ...useView.getState().volumes, [key]: { status: 'ready', volume } },
      labelmap: {
        key,
        path,
        within,
        name: label,
        labels: labels.map(({ value, name, colorRgb }) => ({
          value,
          name,
          color: colorRgb ?? labelColour(value),
        })),
        warnings: warnings.map(({ message }) => message),
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
