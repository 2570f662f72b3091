// @vitest-environment jsdom
import { fireEvent, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { Result } from '../../../src/core/contract/operations.ts';
import { FolderBrowser } from '../../../src/renderer/components/FolderBrowser.tsx';
import { show, useAnswers as withAnswers } from '../page.tsx';

type Listing = Result<'browse'>;
const listing = (path: string, folder: string): Listing => ({
  path,
  parent: '/',
  folders: [{ name: folder, path: `${path}/${folder}` }],
  files: [],
});

/** A browser whose questions are answered when, and in the order that, the test says. */
function openBrowser() {
  const waiting = new Map<string, (found: Listing) => void>();
  withAnswers({
    browse: ({ path }) => new Promise<Listing>((answer) => waiting.set(path ?? 'home', answer)),
  });
  show(<FolderBrowser title="Choose" onChoose={() => {}} onClose={() => {}} />);
  const answer = async (path: string, found: Listing): Promise<void> => {
    await vi.waitFor(() => expect(waiting.has(path)).toBe(true));
    waiting.get(path)?.(found);
  };
  const field = screen.getByLabelText<HTMLInputElement>('Path');
  const type = (path: string): void => {
    fireEvent.change(field, { target: { value: path } });
  };
  return { answer, field, type };
}

it('keeps what was typed while the first folder was still being read', async () => {
  const { answer, field, type } = openBrowser();
  type('/data/archive');
  await answer('home', listing('/home/someone', 'documents'));
  await screen.findByRole('button', { name: 'documents' });
  expect(field.value).toBe('/data/archive');
});

it('shows the folder asked for last, whichever answer comes last', async () => {
  const { answer, field, type } = openBrowser();
  type('/data/archive');
  fireEvent.submit(field);
  await answer('/data/archive', listing('/data/archive', 'study'));
  await screen.findByRole('button', { name: 'study' });
  await answer('home', listing('/home/someone', 'documents'));
  await Promise.resolve();
  expect(screen.queryByRole('button', { name: 'documents' })).toBeNull();
  expect(screen.getByRole('button', { name: 'study' })).toBeDefined();
  expect(field.value).toBe('/data/archive');
});

/** A folder with one file, whatever is asked. */
function openFiles(props: { readonly folders?: boolean } = {}) {
  const onChoose = vi.fn();
  const { calls } = withAnswers({
    browse: async ({ path }) => ({
      ...listing('/data', 'more'),
      files: [{ name: 'labels.nii.gz', path: '/data/labels.nii.gz' }],
      ...(path?.endsWith('.nii.gz') === true ? { file: path } : {}),
    }),
  });
  const outer = vi.fn((event: { preventDefault: () => void }) => event.preventDefault());
  show(
    <form onSubmit={outer}>
      <FolderBrowser title="Choose" files="labels" {...props} onChoose={onChoose} onClose={() => {}} />
    </form>,
  );
  return { onChoose, calls, outer };
}

it('lists files of the kind that is wanted, and gives the one that is pressed', async () => {
  const { onChoose, calls } = openFiles();
  fireEvent.click(await screen.findByRole('button', { name: 'labels.nii.gz' }));
  expect(onChoose).toHaveBeenCalledWith('/data/labels.nii.gz');
  expect(calls[0]).toMatchObject({ name: 'browse', request: { files: 'labels' } });
  expect(screen.queryByRole('button', { name: 'Choose this folder' })).toBeNull();
  expect(screen.getByText('1 file to choose from (.nii, .nii.gz, .dcm, no ending)')).toBeTruthy();
});

it('takes the path of a file that is typed, without sending the form that it stands in', async () => {
  const { onChoose, outer } = openFiles({ folders: true });
  await screen.findByRole('button', { name: 'labels.nii.gz' });
  const field = screen.getByLabelText<HTMLInputElement>('Path');
  fireEvent.change(field, { target: { value: '/data/other.nii.gz' } });
  fireEvent.submit(field);
  await vi.waitFor(() => expect(onChoose).toHaveBeenCalledWith('/data/other.nii.gz'));
  expect(outer).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole('button', { name: 'Choose this folder' }));
  expect(onChoose).toHaveBeenLastCalledWith('/data');
});
