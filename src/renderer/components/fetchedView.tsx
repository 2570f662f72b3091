import { type ComponentType, type ReactNode, useEffect, useState } from 'react';
import { text } from '../text.ts';

/** A view whose code comes apart from the window's. */
export interface FetchedView {
  readonly View: () => ReactNode;
  /** Fetches the code, once. Rejects where that fails; the next one tries again. */
  readonly fetch: () => Promise<void>;
}

/**
 * Drawn at once where its code is there already. React's own `lazy` shows its fallback first in any case, and what
 * comes instead of it no sooner than 0.3 s later: with that, images would wait for nothing.
 */
export function fetchedView(load: () => Promise<{ readonly default: ComponentType }>): FetchedView {
  let Here: ComponentType | undefined;
  let asked: Promise<void> | undefined;

  const fetch = (): Promise<void> => {
    asked ??= load().then(
      (module) => {
        Here = module.default;
      },
      (error: unknown) => {
        asked = undefined;
        throw error;
      },
    );
    return asked;
  };

  function View(): ReactNode {
    const [state, setState] = useState<{ readonly error?: unknown }>({});
    useEffect(() => {
      if (Here !== undefined) return;
      fetch().then(
        () => setState({}),
        (error: unknown) => setState({ error }),
      );
    }, []);
    // For the boundary that says what happened.
    if (state.error !== undefined) throw state.error;
    if (Here === undefined) return <p className="viewer-empty dim">{text.viewer.loading}</p>;
    return <Here />;
  }

  return { View, fetch };
}
