import { create } from 'zustand';
import type { Result } from '../../core/contract/operations.ts';
import { workstation } from './session.ts';
import { useView } from './view.ts';

/** Small pictures of series, asked for once each; `null` where there can be none. */

export type Thumbnail = Result<'libraryThumbnail'>;

interface Thumbnails {
  readonly made: Readonly<Record<string, Thumbnail | null>>;
}

export const useThumbnails = create<Thumbnails>()(() => ({ made: {} }));

/** Voxels lie on the workstation until they are fetched, and only a few do. */
const AT_ONCE = 2;
interface Wanted {
  readonly key: string;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly paths: readonly string[] | undefined;
}
const waiting: Wanted[] = [];
const asked = new Set<string>();
let running = 0;

export function thumbnailKey(studyUid: string, seriesUid: string): string {
  return `${studyUid}\n${seriesUid}`;
}

/**
 * Asks for a thumbnail, behind those that were asked for before; nothing where it was.
 * @param paths what the series was opened from, where the library may not have it
 */
export function wantThumbnail(studyUid: string, seriesUid: string, paths?: readonly string[]): void {
  const key = thumbnailKey(studyUid, seriesUid);
  if (asked.has(key)) return;
  asked.add(key);
  waiting.push({ key, studyUid, seriesUid, paths });
  next();
}

/** Lets those be asked for again that could not be made: their files may be there now. */
export function retryThumbnails(): void {
  const { made } = useThumbnails.getState();
  for (const [key, thumbnail] of Object.entries(made)) if (thumbnail === null) asked.delete(key);
  useThumbnails.setState({
    made: Object.fromEntries(Object.entries(made).filter(([, thumbnail]) => thumbnail !== null)),
  });
}

/** The images themselves come first: both are read by the same process, from the same disk. */
function imagesAreLoading(): boolean {
  return Object.values(useView.getState().volumes).some(({ status }) => status === 'loading');
}

useView.subscribe((view, before) => {
  if (view.volumes !== before.volumes) next();
});

function next(): void {
  while (running < AT_ONCE && !imagesAreLoading()) {
    const wanted = waiting.shift();
    if (wanted === undefined) return;
    running++;
    void make(wanted).finally(() => {
      running--;
      next();
    });
  }
}

async function make({ key, studyUid, seriesUid, paths }: Wanted): Promise<void> {
  let thumbnail: Thumbnail | null = null;
  try {
    thumbnail = await workstation().call('libraryThumbnail', {
      studyUid,
      seriesUid,
      ...(paths === undefined ? {} : { paths: [...paths] }),
    });
  } catch {
    // A series that is missing or cannot be read has a sign in its place; the list says why.
  }
  useThumbnails.setState({ made: { ...useThumbnails.getState().made, [key]: thumbnail } });
}
