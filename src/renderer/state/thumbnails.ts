import { create } from 'zustand';
import type { Result } from '../../core/contract/operations.ts';
import { workstation } from './session.ts';

/** Small pictures of series, asked for once each; `null` where there can be none. */

export type Thumbnail = Result<'libraryThumbnail'>;

interface Thumbnails {
  readonly made: Readonly<Record<string, Thumbnail | null>>;
}

export const useThumbnails = create<Thumbnails>()(() => ({ made: {} }));

/** Voxels lie on the workstation until they are fetched, and only a few do. */
const AT_ONCE = 2;
const waiting: { readonly key: string; readonly studyUid: string; readonly seriesUid: string }[] = [];
const asked = new Set<string>();
let running = 0;

export function thumbnailKey(studyUid: string, seriesUid: string): string {
  return `${studyUid}\n${seriesUid}`;
}

/** Asks for a thumbnail, behind those that were asked for before; nothing where it was. */
export function wantThumbnail(studyUid: string, seriesUid: string): void {
  const key = thumbnailKey(studyUid, seriesUid);
  if (asked.has(key)) return;
  asked.add(key);
  waiting.push({ key, studyUid, seriesUid });
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

function next(): void {
  while (running < AT_ONCE) {
    const wanted = waiting.shift();
    if (wanted === undefined) return;
    running++;
    void make(wanted).finally(() => {
      running--;
      next();
    });
  }
}

async function make({ key, studyUid, seriesUid }: (typeof waiting)[number]): Promise<void> {
  let thumbnail: Thumbnail | null = null;
  try {
    thumbnail = await workstation().call('libraryThumbnail', { studyUid, seriesUid });
  } catch {
    // A series that is missing or cannot be read has a sign in its place; the list says why.
  }
  useThumbnails.setState({ made: { ...useThumbnails.getState().made, [key]: thumbnail } });
}
