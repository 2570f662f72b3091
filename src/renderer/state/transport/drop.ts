import { TandemError } from '../../../core/errors.ts';

/** One dropped file with its path inside what was dropped. */
export interface DroppedFile {
  readonly file: File;
  readonly relativePath: string;
}

/**
 * What a drag and drop holds, folders walked. Must be called within the drop event: the browser forgets
 * the entries afterwards.
 */
export async function droppedFiles(data: DataTransfer): Promise<DroppedFile[]> {
  const entries = [...data.items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry() : null));
  const loose = [...data.files];
  const found: DroppedFile[] = [];
  let walked = false;
  for (const entry of entries) {
    if (entry === null) continue;
    walked = true;
    await walk(entry, '', found);
  }
  return walked ? found : loose.map((file) => ({ file, relativePath: file.name }));
}

async function walk(entry: FileSystemEntry, folder: string, found: DroppedFile[]): Promise<void> {
  const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    found.push({ file, relativePath: path });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader hands out at most 100 entries at a time, until an empty list.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (batch.length === 0) return;
    for (const child of batch) await walk(child, path, found);
  }
}

/**
 * Hands dropped files to the workstation (browser shell: a page may not know their paths on disk) and
 * returns the folder on its machine that holds them now.
 */
export async function uploadDrop(
  files: readonly DroppedFile[],
  token: string,
  report: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<string> {
  if (files.length === 0) {
    throw new TandemError('empty-folder', 'There is no file in what was dropped');
  }
  const dropId = crypto.randomUUID();
  const headers = { 'x-tandem-token': token };
  const post = async (path: string, body: File | null): Promise<Response> => {
    const url = `/drop/${dropId}/${path}`;
    const response = await fetch(url, { method: 'POST', headers, body, signal });
    if (!response.ok) {
      throw new TandemError(
        'failed',
        `The dropped files could not be handed over (HTTP ${response.status})`,
        {
          hint: 'Type the path of the folder instead.',
        },
      );
    }
    return response;
  };
  let done = 0;
  for (const { file, relativePath } of files) {
    report(done, files.length);
    await post(relativePath.split('/').map(encodeURIComponent).join('/'), file);
    done++;
  }
  report(done, files.length);
  const answer: unknown = await (await post('done', null)).json();
  if (typeof answer === 'object' && answer !== null && 'path' in answer && typeof answer.path === 'string') {
    return answer.path;
  }
  throw new TandemError('failed', 'The workstation did not say where it put the dropped files');
}
