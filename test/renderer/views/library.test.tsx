// @vitest-environment jsdom
import { act, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { Result } from '../../../src/core/contract/operations.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { INITIAL_LIBRARY, setLibrary } from '../../../src/renderer/state/library.ts';
import { setApp } from '../../../src/renderer/state/store.ts';
import { LibraryView } from '../../../src/renderer/views/library/LibraryView.tsx';
import { show, useAnswers } from '../page.tsx';

afterEach(() => setLibrary(INITIAL_LIBRARY));

const NOTHING: Result<'librarySearch'> = {
  ...{ total: 0, all: 0, studies: [], setAside: null },
  storage: { usedBytes: 0, limitBytes: 1 },
};

describe('the library at a start', () => {
  it('says that it is being read until the first answer, never nothing, then that it is empty', async () => {
    const answer = Promise.withResolvers<Result<'librarySearch'>>();
    useAnswers({ librarySearch: () => answer.promise });
    setApp({ connection: 'connecting' });
    show(<LibraryView />);
    const reading = () => screen.queryByText('Reading the library…');
    expect(reading()).not.toBeNull();
    act(() => setApp({ connection: 'ready' }));
    expect(reading()).not.toBeNull();
    expect(screen.queryByText(/No study yet/)).toBeNull();
    await act(async () => answer.resolve(NOTHING));
    expect(reading()).toBeNull();
    expect(screen.getByText('No study yet.')).toBeTruthy();
  });

  it('does not claim to read where it cannot: no connection, or an error that says why', async () => {
    useAnswers({
      librarySearch: async () => {
        throw new TandemError('no-permission', 'The library cannot be written');
      },
    });
    setApp({ connection: 'refused' });
    show(<LibraryView />);
    expect(screen.queryByText('Reading the library…')).toBeNull();
    expect(screen.getByText(/when the window is connected/)).toBeTruthy();
    await act(async () => setApp({ connection: 'ready' }));
    expect(screen.queryByText('Reading the library…')).toBeNull();
    expect(screen.getByText('The library cannot be written')).toBeTruthy();
  });
});
