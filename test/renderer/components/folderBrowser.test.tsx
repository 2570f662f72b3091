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
