import type { RequestInput } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import { imageName } from '../measure/csv.ts';
import { imagesOnScreen } from '../measure/measuredImages.ts';
import { sizeWords, valueWords } from '../measure/measuredWords.ts';
import { text } from '../text.ts';
import { capture } from '../viewer/capture.ts';
import { joinPath } from './hostPaths.ts';
import { useMeasurements } from './measurements.ts';
import { workstation } from './session.ts';
import { useApp } from './store.ts';
import { useView } from './view.ts';

export interface PictureChoice {
  readonly what: 'one' | 'all';
  readonly overlays: boolean;
}

/**
 * A PNG of the active view, or of all.
 * @throws TandemError `usage` where no view is active or there is none
 */
export async function takePicture({ what, overlays }: PictureChoice): Promise<Blob> {
  const { active, maximised } = useView.getState();
  const cell = maximised ?? active;
  if (what === 'one' && cell === null) throw new TandemError('usage', text.report.nothingActive);
  return capture(what === 'one' && cell !== null ? cell : 'all', { overlays });
}

/** A name that says when and nothing about whom: `tandem-2026-11-22-21-05-09.png`. */
export function fileName(ending: 'png' | 'html', now = new Date()): string {
  const part = (value: number): string => String(value).padStart(2, '0');
  const day = [now.getFullYear(), part(now.getMonth() + 1), part(now.getDate())].join('-');
  return `tandem-${day}-${[now.getHours(), now.getMinutes(), now.getSeconds()].map(part).join('-')}.${ending}`;
}

/** Hands a picture to the browser's own downloads. */
export function download(picture: Blob, name: string): void {
  const address = URL.createObjectURL(picture);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Saves a picture in a folder of the workstation's machine; returns its path. Throws as `savePicture` does. */
export async function savePicture(choice: PictureChoice, folder: string): Promise<string> {
  const name = fileName('png');
  const handed = await handOver([{ name, picture: await takePicture(choice) }]);
  const { path } = await workstation().call('savePicture', {
    picture: joinPath(handed, name),
    out: joinPath(folder, name),
  });
  return path;
}

/** Writes the page of the enhanced series that is shown; returns its path. Throws as `casePage` does. */
export async function writeCasePage(
  folder: string,
  { overlays, withPatient }: { readonly overlays: boolean; readonly withPatient: boolean },
): Promise<string> {
  const { enhanced } = useApp.getState();
  if (enhanced === null) throw new TandemError('usage', text.report.noPage);
  const name = 'views.png';
  const handed = await handOver([{ name, picture: await takePicture({ what: 'all', overlays }) }]);
  const { path } = await workstation().call('casePage', {
    id: enhanced.result.id,
    out: joinPath(folder, fileName('html')),
    withPatient,
    pictures: [{ title: text.report.viewsTitle, path: joinPath(handed, name) }],
    measurements: measured(),
  });
  return path;
}

/** What was measured, in words: the size, and what every image on the screen has there. */
function measured(): NonNullable<RequestInput<'casePage'>['measurements']> {
  const images = imagesOnScreen();
  return useMeasurements.getState().items.map((measurement) => {
    const size = sizeWords(measurement);
    const values = images.map((column) => ({
      name: imageName(column),
      value: valueWords(measurement, column.key) || text.report.noImages,
    }));
    const kind = text.measure.kinds[measurement.kind];
    return {
      label: measurement.name,
      values: [...(size === '' ? [] : [{ name: kind, value: size }]), ...values],
    };
  });
}

async function handOver(pictures: readonly { name: string; picture: Blob }[]): Promise<string> {
  const files = pictures.map(({ name, picture }) => new File([picture], name, { type: 'image/png' }));
  return workstation().handOver(files);
}
